import 'reflect-metadata';
import { ConfigError, createLogger, parseConfig, unknownVariables } from '@darb/service-kit/edge';
import { GatewayConfig } from './config.js';
import { createGateway } from './gateway.js';

/** A stop that takes longer than this is ended by force. */
const GIVE_UP_AFTER_MS = 15_000;

async function main(): Promise<void> {
  const config = parseConfig(GatewayConfig, process.env);
  const logger = createLogger('gateway', config);
  const unknown = unknownVariables(GatewayConfig, process.env);
  if (unknown.length > 0)
    logger.warn({ variables: unknown }, 'These variables are no settings of this service');
  const gateway = await createGateway(config, logger);
  const { host, port } = await gateway.listen();
  logger.info({ host, port }, 'gateway is listening');
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => process.exit(1), GIVE_UP_AFTER_MS).unref();
    void gateway.close().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

function sentence(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  const { code, message } = error as { code?: string; message?: string };
  if (code === 'EADDRINUSE') return 'Its port is taken; set DARB_SERVER_PORT to another one.';
  return message ?? String(error);
}

if (import.meta.main) {
  main().catch((error: unknown) => {
    process.stderr.write(`gateway can't start:\n${sentence(error)}\n`);
    process.exit(1);
  });
}
