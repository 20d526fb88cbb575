import { serviceOfPath } from '@darb/api-client';
import { currentRequestId, Problem } from '@darb/service-kit/edge';
import httpProxy from '@fastify/http-proxy';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GatewayConfig } from '../config.js';
import type { Exchange, Exchanges } from './exchange.js';
import { isEventStream, requestHeaders, responseHeaders } from './headers.js';
import { rawPath, routeNotFound } from './path-guard.js';
import type { ForwardedBody } from './request-body.js';
import { takeBody } from './request-body.js';
import { isConnectionError, retryDelayMs } from './retry.js';
import type { UpstreamClient } from './upstream-client.js';

const RETRY_AFTER_SECONDS = 2;

/** Sends everything that the gateway does not answer itself to the service whose path it is. */
export async function registerProxy(
  fastify: FastifyInstance,
  config: GatewayConfig,
  exchanges: Exchanges,
  client: UpstreamClient,
): Promise<void> {
  await fastify.register(httpProxy, {
    upstream: '',
    undici: client as never,
    disableRequestLogging: true,
    internalRewriteLocationHeader: false,
    replyOptions: { getUpstream: (request: FastifyRequest) => upstreamOf(request, config) } as never,
    handler: ((request: FastifyRequest, reply: FastifyReply, destination: string, options: object) =>
      forward(request, reply, destination, options, config, exchanges)) as never,
  });
}

async function forward(
  request: FastifyRequest,
  reply: FastifyReply,
  destination: string,
  options: object,
  config: GatewayConfig,
  exchanges: Exchanges,
): Promise<FastifyReply> {
  const exchange = exchanges.begin(reply);
  const upstream = upstreamOf(request, config);
  const body = await takeBody(request, config.bodyLimitBytes);
  if (body.kind === 'streamed') request.body = body.stream;
  // Node keeps headers back until the first byte of a body; the reader of a quiet event stream needs them now.
  reply.raw.once('pipe', () => reply.raw.flushHeaders());
  return exchanges.run(exchange, () =>
    reply.from(destination, {
      ...options,
      ...(body.kind === 'kept' ? keptBody(request, body.bytes) : {}),
      rewriteRequestHeaders: (_request, headers) =>
        requestHeaders(request, headers, currentRequestId() ?? request.id) as never,
      rewriteHeaders: (headers) => {
        if (isEventStream(headers)) exchanges.markStream(exchange);
        return responseHeaders(headers, upstream) as never;
      },
      retryDelay: ({ err, attempt }) => nextAttempt(request, exchange, body, err, attempt, config),
      onError: (_reply, { error }) => fail(reply, error, exchange, request),
    } as Parameters<FastifyReply['from']>[1]),
  );
}

function upstreamOf(request: FastifyRequest, config: GatewayConfig): string {
  const upstreams = {
    auth: config.authUrl,
    environments: config.environmentsUrl,
    jobs: config.jobsUrl,
    dashboard: config.dashboardUrl,
    gateway: undefined,
  };
  const upstream = upstreams[serviceOfPath(rawPath(request.raw.url ?? ''))];
  if (!upstream) throw routeNotFound();
  return upstream;
}

/** The plugin would turn a parsed JSON body into text again; bytes with their own content type go as they came. */
function keptBody(request: FastifyRequest, bytes: Buffer): object {
  return { body: bytes, contentType: request.headers['content-type'] ?? 'application/octet-stream' };
}

function nextAttempt(
  request: FastifyRequest,
  exchange: Exchange,
  body: ForwardedBody,
  error: unknown,
  attempt: number,
  config: GatewayConfig,
): number | null {
  if (!error || exchange.signal.aborted) return null;
  return retryDelayMs({
    error,
    method: request.method,
    hasIdempotencyKey: request.headers['idempotency-key'] !== undefined,
    isReplayable: body.kind !== 'streamed',
    attempt,
    elapsedMs: Date.now() - exchange.startedAt,
    budgetMs: config.retrySeconds * 1000,
  });
}

/** No answer came. Nothing has been sent to the client yet. */
function fail(reply: FastifyReply, error: Error, exchange: Exchange, request: FastifyRequest): void {
  if (reply.raw.destroyed) {
    // The client has gone; there is nobody to answer.
    reply.hijack();
    return;
  }
  const cause = (error.cause ?? error) as Error;
  if (cause instanceof Problem) return void reply.send(cause);
  const service = serviceOfPath(rawPath(request.raw.url ?? ''));
  if (exchange.signal.aborted || isConnectionError(cause)) {
    return void reply.send(
      new Problem(
        503,
        'service_unavailable',
        `The ${service} service can't be reached right now; try again.`,
        {
          headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
          extra: { service },
          cause,
        },
      ),
    );
  }
  const isTimeout = (cause as { code?: unknown }).code === 'UND_ERR_HEADERS_TIMEOUT';
  return void reply.send(
    isTimeout
      ? new Problem(504, 'service_timeout', `The ${service} service did not answer in time.`, { cause })
      : new Problem(502, 'bad_answer', `The ${service} service gave no valid answer.`, { cause }),
  );
}
