import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger as Pino } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { flatEventLogger } from './logger.js';
import { addLogFields, requestLogFields, runInRequest } from './request-context.js';

const REQUEST_ID = /^[A-Za-z0-9_.-]{1,64}$/;
/** Asked every few seconds by whoever watches the service; a line for each would drown the rest. */
const QUIET_ROUTES = new Set(['/health', '/health/ready', '/metrics', '/openapi.json']);

/** Gives every request an id (the caller's, when it is a sane one) and writes one wide event when it is over. */
export function registerAccessLog(
  fastify: FastifyInstance,
  logger: Pino,
  onRequestDone: (request: FastifyRequest, status: number, seconds: number) => void,
): void {
  const events = flatEventLogger(logger);
  fastify.addHook('onRequest', (request, reply, done) => {
    const given = request.headers['x-request-id'];
    const requestId = typeof given === 'string' && REQUEST_ID.test(given) ? given : uuidv7();
    void reply.header('x-request-id', requestId);
    runInRequest(requestId, () => {
      // Kept on the request: the end of a response is an event of the socket, outside this async context.
      (request as WithFields).darbLogFields = requestLogFields();
      addLogFields({ request_id: requestId });
      done();
    });
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const durationMs = Math.round(reply.elapsedTime * 10) / 10;
    onRequestDone(request, reply.statusCode, durationMs / 1000);
    const route = request.routeOptions.url ?? null;
    const level = route && QUIET_ROUTES.has(route) ? 'debug' : reply.statusCode >= 500 ? 'error' : 'info';
    events[level](
      {
        event: 'http_request',
        method: request.method,
        route,
        path: loggedPath(request),
        status: reply.statusCode,
        duration_ms: durationMs,
        address: request.ip,
        user_agent: request.headers['user-agent'] ?? null,
        ...(request as WithFields).darbLogFields,
      },
      `${request.method} ${route ?? '(no route)'} ${reply.statusCode}`,
    );
    done();
  });
}

type WithFields = FastifyRequest & { darbLogFields?: Record<string, unknown> };

/** A parameter called `secret` (a session's) must not reach the log. */
function loggedPath(request: FastifyRequest): string | undefined {
  const hasSecret =
    typeof request.params === 'object' && request.params !== null && 'secret' in request.params;
  return hasSecret ? request.routeOptions.url : request.url.split('?', 1)[0];
}
