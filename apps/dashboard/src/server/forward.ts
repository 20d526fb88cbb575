import { isPlainPath, serviceOfPath } from '@darb/api-client';
import type { DashboardConfig } from './config';

/** Request headers that a service gets from a browser. A list, because anything else is not its business. */
const REQUEST_HEADERS = [
  'accept',
  'accept-language',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'last-event-id',
  'range',
  'traceparent',
  'user-agent',
  'x-forwarded-for',
  'x-request-id',
];

/** Response headers that belong to one connection, or that would set state in the browser. */
const DROPPED_RESPONSE_HEADERS = [
  'connection',
  'content-encoding',
  'content-length',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** Routes that answer with tokens: a browser has its cookie instead, and no token may reach it. */
const TOKEN_ROUTES = /^\/api\/v1\/auth\/(login|refresh|register)\/?$/;

/** Where a `/bff/…` request goes: the service's URL, or null when no service has such a path. */
export function forwardTarget(
  url: URL,
  config: Pick<DashboardConfig, 'authUrl' | 'environmentsUrl' | 'jobsUrl'>,
): string | null {
  if (!url.pathname.startsWith('/bff/api/v1/')) return null;
  const path = url.pathname.slice('/bff'.length);
  if (!isPlainPath(path) || TOKEN_ROUTES.test(path)) return null;
  const bases: Record<string, string> = {
    auth: config.authUrl,
    environments: config.environmentsUrl,
    jobs: config.jobsUrl,
  };
  const base = bases[serviceOfPath(path) ?? ''];
  return base === undefined ? null : base + path + url.search;
}

export function forwardedRequestHeaders(incoming: Headers, token: string): Headers {
  const headers = new Headers();
  for (const name of REQUEST_HEADERS) {
    const value = incoming.get(name);
    if (value !== null) headers.set(name, value);
  }
  headers.set('authorization', `Bearer ${token}`);
  headers.set('accept-encoding', 'identity');
  return headers;
}

export function returnedResponseHeaders(upstream: Headers): Headers {
  const headers = new Headers(upstream);
  // What a Connection header names is of one connection too (RFC 9110, 7.6.1).
  for (const name of (upstream.get('connection') ?? '').split(',')) {
    if (/^[\w-]+$/.test(name.trim())) headers.delete(name.trim());
  }
  for (const name of DROPPED_RESPONSE_HEADERS) headers.delete(name);
  if (headers.get('content-type')?.startsWith('text/event-stream')) {
    // no-transform: Next would otherwise compress the stream, and a proxy in front might buffer it.
    headers.set('cache-control', 'no-cache, no-transform');
    headers.set('x-accel-buffering', 'no');
  } else if (!headers.has('cache-control')) {
    headers.set('cache-control', 'no-store');
  }
  return headers;
}
