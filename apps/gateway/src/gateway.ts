import { createLogger, DarbLogger, Problem, ProblemFilter, registerAccessLog } from '@darb/service-kit/edge';
import { NestFactory } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { AppModule } from './app.module.js';
import type { GatewayConfig } from './config.js';
import { registerDocsAssets } from './docs/docs-assets.js';
import { Exchanges } from './proxy/exchange.js';
import { registerPathGuard } from './proxy/path-guard.js';
import { registerProxy } from './proxy/proxy.js';
import { UpstreamClient } from './proxy/upstream-client.js';

/** How long requests that are under way may go on after close(). Event streams are cut at once. */
const GRACE_MS = 5_000;

export type GatewayLogger = ReturnType<typeof createLogger>;

export interface Gateway {
  /** Binds to the configured host and port; answers the port that was really taken. Rejects when it is in use. */
  listen(): Promise<{ host: string; port: number }>;
  /** Takes no more requests, lets those under way finish for a while, and resolves when all is closed. */
  close(): Promise<void>;
}

/** The one address of Darb, not yet listening. */
export async function createGateway(
  config: GatewayConfig,
  logger: GatewayLogger = createLogger('gateway', config),
): Promise<Gateway> {
  const exchanges = new Exchanges();
  const client = new UpstreamClient(exchanges);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(config),
    createAdapter(config),
    {
      logger: new DarbLogger(logger),
      abortOnError: false,
      // Bodies are passed on as they are; nothing here reads one.
      bodyParser: false,
    },
  );
  app.useGlobalFilters(new ProblemFilter());
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  fastify.removeAllContentTypeParsers();
  registerAccessLog(fastify, logger, () => {});
  registerPathGuard(fastify);
  await fastify.register(async (scope) => {
    // Nest sets its error handler later than this scope is made, and only for its own routes.
    scope.setErrorHandler((error, request, reply) => {
      // The rest of an unread body would be taken for the connection's next request.
      if (!request.raw.complete) void reply.header('connection', 'close');
      new ProblemFilter().catch(error, new ExecutionContextHost([request, reply]));
    });
    await registerDocsAssets(scope);
    await registerProxy(scope, config, exchanges, client);
  });
  return {
    async listen() {
      await app.listen(config.port, config.host);
      const { port } = app.getHttpServer().address() as { port: number };
      return { host: config.host, port };
    },
    async close() {
      exchanges.stop(GRACE_MS);
      // A client that does not read its answer would hold the process for ever.
      const cut = setTimeout(() => app.getHttpServer().closeAllConnections(), GRACE_MS);
      await app.close().finally(() => clearTimeout(cut));
      await client.close();
    },
  };
}

function createAdapter(config: GatewayConfig): FastifyAdapter {
  return new FastifyAdapter({
    logger: false,
    trustProxy: config.trustedProxies ?? false,
    forceCloseConnections: 'idle',
    // What an event stream's reader or a slow upload may take is not this process's to say.
    requestTimeout: 0,
    routerOptions: { maxParamLength: 5000, ignoreTrailingSlash: true },
    frameworkErrors: (error: Error, _request: unknown, reply: FastifyReply) => {
      const problem = new Problem(404, 'route_not_found', 'There is no route at this path.', {
        cause: error,
      });
      void reply
        .code(404)
        .header('content-type', 'application/problem+json; charset=utf-8')
        .send(JSON.stringify(problem.toBody(undefined)));
    },
  });
}
