export { GatewayConfig } from './config.js';
export { createGateway, type Gateway, type GatewayLogger } from './gateway.js';
