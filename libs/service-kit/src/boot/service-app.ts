import type { DynamicModule, Type } from '@nestjs/common';
import { Module, RequestMethod } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { Logger as Pino } from 'pino';
import { assertRoutesDeclared } from '../access/assert-routes-declared.js';
import type { ServerConfig } from '../config/groups.js';
import { parseJsonBody } from '../http/json-body.js';
import { Problem } from '../http/problem.js';
import { SEND_JSON } from '../http/to-problem.js';
import { ProblemFilter } from '../http/problem.filter.js';
import { DarbValidationPipe } from '../http/validation.pipe.js';
import { registerAccessLog } from '../logging/access-log.js';
import { DarbLogger } from '../logging/logger.js';
import { Metrics } from '../metrics/metrics.js';
import { createOpenApiDocument } from '../openapi/openapi.js';
import { KitModule } from './kit.module.js';
import type { ServiceName } from './service-info.js';
import { ServiceInfo } from './service-info.js';

export interface ServiceOptions<Config extends ServerConfig = ServerConfig> {
  service: ServiceName;
  module: Type | DynamicModule;
  configClass: new () => Config;
  /** Largest JSON body, bytes; lockfiles are large. */
  bodyLimitBytes?: number;
  /** Content types whose body reaches the handler as a Buffer, for example `application/gzip`. */
  bufferContentTypes?: string[];
}

const DEFAULT_BODY_LIMIT_BYTES = 8 * 1024 * 1024;
/** What a worker installed is reported package by package. */
const MOST_INTERNAL_VALUES = 1_000_000;
/** Not under /api/v1: for whoever runs Darb and for the other services. */
const UNPREFIXED = ['health', 'health/{*rest}', 'metrics', 'internal', 'internal/{*rest}'];
/** Where a gateway or an ingress may stand; only their X-Forwarded-For is believed. */
const TRUSTED_PROXIES = ['loopback', 'linklocal', 'uniquelocal'];

@Module({})
class ServiceRoot {}

/** The whole application, not yet listening. */
export async function createServiceApp<Config extends ServerConfig>(
  options: ServiceOptions<Config>,
  config: Config,
  logger: Pino,
): Promise<NestFastifyApplication> {
  const app = await createNestApp(options, config, { logger: new DarbLogger(logger), abortOnError: false });
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  const metrics = app.get(Metrics);
  registerAccessLog(fastify, logger, (request, status, seconds) =>
    metrics.observeRequest(request.method, request.routeOptions.url, status, seconds),
  );
  refuseNulInUrl(fastify);
  registerParsers(app, options);
  app.useGlobalPipes(new DarbValidationPipe());
  app.useGlobalFilters(new ProblemFilter());
  serveOpenApi(app, fastify, options.service);
  return app;
}

/** For reading decorators only: providers are not made, nothing is connected to. */
export function createPreviewApp(options: ServiceOptions): Promise<NestFastifyApplication> {
  return createNestApp(options, new options.configClass(), {
    logger: false,
    abortOnError: false,
    preview: true,
  });
}

async function createNestApp(
  options: ServiceOptions,
  config: object,
  nest: { logger: DarbLogger | false; abortOnError: boolean; preview?: boolean },
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    logger: false,
    trustProxy: TRUSTED_PROXIES,
    bodyLimit: options.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES,
    routerOptions: { maxParamLength: 500 },
  });
  const root: DynamicModule = {
    module: ServiceRoot,
    imports: [KitModule.forService(options.service, options.configClass, config), options.module],
  };
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, nest);
  app.setGlobalPrefix('api/v1', {
    exclude: UNPREFIXED.map((path) => ({ path, method: RequestMethod.ALL })),
  });
  assertRoutesDeclared(app);
  return app;
}

/** Neither a path nor a query may bring one: PostgreSQL can't keep it, and no name or id has one. */
function refuseNulInUrl(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const hasNul = request.raw.url?.includes('%00') === true;
    done(
      hasNul
        ? new Problem(400, 'invalid_characters', 'A NUL character (%00) may not be in a URL.')
        : undefined,
    );
  });
}

function registerParsers(app: NestFastifyApplication, options: ServiceOptions): void {
  const limits = { bodyLimit: options.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES };
  app.useBodyParser('application/json', limits, (request, body, done) => {
    // Clients put the header on every POST, also on one without a body.
    if (body.length === 0) return done(null, undefined);
    try {
      const isInternal = request.url.startsWith('/internal/');
      done(null, parseJsonBody(body, isInternal ? { mostValues: MOST_INTERNAL_VALUES } : {}));
    } catch (error) {
      done(error as Error, undefined);
    }
  });
  // What `curl -d` sends without a header; taking it for JSON's cousin would only hide the mistake.
  app.useBodyParser('application/x-www-form-urlencoded', limits, (_request, _body, done) => {
    done(new Problem(415, 'unsupported_media_type', SEND_JSON), undefined);
  });
  app.getHttpAdapter().getInstance().removeContentTypeParser('text/plain');
  for (const type of options.bufferContentTypes ?? []) {
    app.useBodyParser(type, limits, (_request, body, done) => done(null, body));
  }
}

function serveOpenApi(app: NestFastifyApplication, fastify: FastifyInstance, service: ServiceName): void {
  let document: object | undefined;
  fastify.get('/openapi.json', (_request, reply) => {
    document ??= createOpenApiDocument(app, new ServiceInfo(service));
    return reply.send(document);
  });
}
