import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';

/** Of one connection only (RFC 9110, 7.6.1), and `expect`, which was answered on arrival. */
const HOP_BY_HOP = [
  'connection',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];
/** Said by whoever stands in front; believed only from a trusted proxy, which Fastify has judged already. */
const FORWARDED = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-real-ip',
];

type Headers = Record<string, string | string[] | undefined>;

/** What a service gets to see. `headers` is the client's, its Host already that of the service. */
export function requestHeaders(request: FastifyRequest, headers: Headers, requestId: string): Headers {
  const result = without(headers, [...HOP_BY_HOP, ...FORWARDED]);
  if (request.method === 'GET' || request.method === 'HEAD') {
    // Their body is not passed on, so its length must not be either.
    delete result['content-length'];
  }
  if (!request.headers['content-type']) delete result['content-type'];
  result['x-request-id'] = requestId;
  result['x-forwarded-for'] = clientChain(request).join(', ');
  result['x-forwarded-proto'] = request.protocol;
  if (request.host) result['x-forwarded-host'] = request.host;
  return result;
}

/** What the client gets to see. `upstream` is where the answer came from. */
export function responseHeaders(headers: IncomingHttpHeaders, upstream: string): Headers {
  const connection = String(headers.connection ?? '').toLowerCase();
  const named = connection
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== 'close');
  const result = without(headers, [...HOP_BY_HOP, ...named]);
  result['x-content-type-options'] ??= 'nosniff';
  if (isEventStream(headers)) {
    // nginx and its ingress collect an answer before they pass it on, unless it says this.
    result['x-accel-buffering'] = 'no';
  }
  const location = headers.location;
  if (location && URL.canParse(location) && new URL(location).origin === new URL(upstream).origin) {
    const { pathname, search, hash } = new URL(location);
    result.location = pathname + search + hash;
  }
  return result;
}

export function isEventStream(headers: IncomingHttpHeaders): boolean {
  return String(headers['content-type'] ?? '').startsWith('text/event-stream');
}

/** From the client to the last proxy: addresses that a trusted proxy vouched for, and the peer's own. */
function clientChain(request: FastifyRequest): string[] {
  const chain = request.ips?.toReversed() ?? [request.socket.remoteAddress ?? 'unknown'];
  return chain.map((address) => address.replace(/^::ffff:/, ''));
}

function without(headers: Headers, names: string[]): Headers {
  const dropped = new Set(names);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name.toLowerCase())));
}
