import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger as Pino } from 'pino';
import type { ServerConfig } from '../config/groups.js';
import { ConfigError, parseConfig, unknownVariables } from '../config/parse-config.js';
import { createLogger, redactUrls } from '../logging/logger.js';
import type { ServiceOptions } from './service-app.js';
import { createServiceApp } from './service-app.js';

/** Requests that still run this long after SIGTERM are cut, so that the process is gone within 20 s. */
const CUT_CONNECTIONS_AFTER_MS = 15_000;
const GIVE_UP_AFTER_MS = 19_000;

/** Starts a service, or ends the process with one sentence that says what to do. */
export async function bootService<Config extends ServerConfig>(
  options: ServiceOptions<Config>,
): Promise<void> {
  const config = readConfig(options);
  const logger = createLogger(options.service, config);
  const unknown = unknownVariables(options.configClass, process.env);
  if (unknown.length > 0)
    logger.warn({ variables: unknown }, 'These variables are no settings of this service');
  exitOnLostErrors(logger);
  try {
    const app = await createServiceApp(options, config, logger);
    app.enableShutdownHooks();
    limitShutdown(app, logger);
    await app.listen(config.port, config.host);
    logger.info({ host: config.host, port: config.port }, `${options.service} is listening`);
  } catch (error) {
    logger.fatal({ err: error }, startSentence(error, options.service, config));
    process.exit(1);
  }
}

function readConfig<Config extends ServerConfig>(options: ServiceOptions<Config>): Config {
  try {
    return parseConfig(options.configClass, process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${options.service} can't start:\n${error.message}\n`);
    process.exit(1);
  }
}

function startSentence(error: unknown, service: string, config: ServerConfig): string {
  const { code, message } = error as { code?: string; message?: string };
  if (code === 'EADDRINUSE') {
    return `${service} can't start: port ${config.port} is taken; set DARB_SERVER_PORT to another one.`;
  }
  return `${service} can't start: ${redactUrls(message || String(code ?? error))}`;
}

function limitShutdown(app: NestFastifyApplication, logger: Pino): void {
  const limit = () => {
    setTimeout(() => app.getHttpServer().closeAllConnections(), CUT_CONNECTIONS_AFTER_MS).unref();
    setTimeout(() => {
      logger.error('Stopping took too long; leaving anyway');
      process.exit(1);
    }, GIVE_UP_AFTER_MS).unref();
  };
  process.once('SIGTERM', limit);
  process.once('SIGINT', limit);
}

/** A process in an unknown state is worse than one that is restarted. */
function exitOnLostErrors(logger: Pino): void {
  const leave = (error: unknown) => {
    logger.fatal({ err: error }, 'An error was caught by nobody');
    process.exit(1);
  };
  process.on('uncaughtException', leave);
  process.on('unhandledRejection', leave);
}
