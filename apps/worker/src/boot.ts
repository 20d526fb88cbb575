import 'reflect-metadata';
import {
  ConfigError,
  createLogger,
  DarbLogger,
  Metrics,
  parseConfig,
  ProblemFilter,
  registerAccessLog,
  unknownVariables,
} from '@darb/service-kit/edge';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { AppModule } from './app.module.js';
import { WorkerConfig } from './config.js';
import type { Machine } from './machine/machine.js';
import { prepareMachine } from './machine/prepare-machine.js';

/**
 * Starts the worker, or ends the process with one sentence that says what to do. Not service-kit's bootService: that
 * one brings the database, users and an OpenAPI document, none of which a worker may or need have.
 */
export async function bootWorker(environment: NodeJS.ProcessEnv): Promise<NestFastifyApplication> {
  const config = readConfig(environment);
  const pino = createLogger('worker', config);
  const logger = new DarbLogger(pino);
  const unknown = unknownVariables(WorkerConfig, environment);
  if (unknown.length > 0)
    logger.warn({ variables: unknown, message: 'These variables are no settings of a worker' });
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      pino.fatal({ err: error }, 'An error was caught by nobody');
      process.exit(1);
    });
  }
  try {
    const machine = await prepareMachine(config);
    const { mode, reason } = machine.sandbox.report;
    if (mode === 'off') logger.warn(`Tools run without isolation: ${reason}`);
    if (process.getuid?.() === 0)
      logger.warn('Running as root: that artifacts are read-only is only advice to root.');
    const app = await createApp(config, machine, pino);
    await app.listen(config.port, config.host);
    logger.log(`worker is listening on ${config.host}:${config.port}`);
    return app;
  } catch (error) {
    pino.fatal({ err: error }, `worker can't start: ${(error as Error).message}`);
    process.exit(1);
  }
}

/** The whole application, not yet listening. */
export async function createApp(
  config: WorkerConfig,
  machine: Machine,
  pino: Logger,
): Promise<NestFastifyApplication> {
  const logger = new DarbLogger(pino);
  const module = AppModule.forWorker(config, machine, logger);
  const app = await NestFactory.create<NestFastifyApplication>(
    module,
    new FastifyAdapter({ logger: false }),
    {
      logger,
      abortOnError: false,
    },
  );
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  const metrics = app.get(Metrics);
  registerAccessLog(fastify, pino, (request, status, seconds) =>
    metrics.observeRequest(request.method, request.routeOptions.url, status, seconds),
  );
  app.useGlobalFilters(new ProblemFilter());
  app.enableShutdownHooks();
  return app;
}

function readConfig(environment: NodeJS.ProcessEnv): WorkerConfig {
  try {
    return parseConfig(WorkerConfig, environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`worker can't start:\n${error.message}\n`);
    process.exit(1);
  }
}
