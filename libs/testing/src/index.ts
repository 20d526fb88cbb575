export { makeCondaChannel } from './conda-channel.js';
export { onPath, postgresBinaries, repositoryRoot, uvPath, valkeyServerPath } from './binaries.js';
export {
  createTestDatabase,
  POSTGRES_URL_VARIABLE,
  queuePrefix,
  valkey,
  VALKEY_ADDR_VARIABLE,
} from './databases.js';
export type { TestDatabase } from './databases.js';
export { faultProxy } from './fault-proxy.js';
export type { FaultProxy } from './fault-proxy.js';
export { freePort } from './ports.js';
export { Guard } from './servers/guarded.js';
export { startTestServers } from './servers/index.js';
export type { TestServers } from './servers/index.js';
export { scriptedPixi, scriptedPixiCalls } from './scripted-pixi/index.js';
export type { ScriptedPixiCall, ScriptedPixiOptions } from './scripted-pixi/index.js';
export { waitFor } from './wait.js';
export { CHAIN_LENGTH } from './wheel-index/catalog.js';
export type { PackageDescription } from './wheel-index/distributions.js';
export { controlWheelIndex, startWheelIndex } from './wheel-index/server.js';
export type { WheelIndex, WheelIndexOptions, WheelIndexRequest } from './wheel-index/server.js';
