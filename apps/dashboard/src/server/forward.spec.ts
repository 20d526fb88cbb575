import { describe, expect, it } from 'vitest';
import { forwardedRequestHeaders, forwardTarget, returnedResponseHeaders } from './forward';

const SERVICES = { authUrl: 'http://auth', environmentsUrl: 'http://environments', jobsUrl: 'http://jobs' };
const target = (path: string) => forwardTarget(new URL(`http://host${path}`), SERVICES);

describe('forwardTarget', () => {
  it('finds the service by prefix and keeps the query', () => {
    expect(target('/bff/api/v1/environments?limit=5')).toBe(
      'http://environments/api/v1/environments?limit=5',
    );
    expect(target('/bff/api/v1/jobs/1/logs')).toBe('http://jobs/api/v1/jobs/1/logs');
    expect(target('/bff/api/v1/events?job=1')).toBe('http://jobs/api/v1/events?job=1');
    expect(target('/bff/api/v1/auth/me')).toBe('http://auth/api/v1/auth/me');
  });

  it.each([
    '/bff/internal/sessions',
    '/bff/health',
    '/bff/metrics',
    '/bff/api/v1/health',
    '/bff/api/v1/nothing',
    '/bff/api/v1/../../internal/sessions',
    '/bff/api/v1/%2e%2e/%2e%2e/internal/sessions',
    '/bff/api/v2/jobs',
  ])('reaches nothing at %s', (path) => expect(target(path)).toBeNull());

  it.each(['login', 'refresh', 'register', 'login/'])('never asks for tokens: auth/%s', (route) =>
    expect(target(`/bff/api/v1/auth/${route}`)).toBeNull(),
  );
});

describe('headers', () => {
  it('sends the bearer, and neither cookie nor the browser’s own authorization', () => {
    const headers = forwardedRequestHeaders(
      new Headers({
        cookie: 'darb_session_darb=secret',
        authorization: 'Bearer stolen',
        'content-type': 'application/json',
        'last-event-id': '7.9~1-2',
        host: 'darb',
        connection: 'keep-alive',
        'x-forwarded-host': 'darb',
      }),
      'token',
    );
    expect(Object.fromEntries(headers)).toEqual({
      'accept-encoding': 'identity',
      authorization: 'Bearer token',
      'content-type': 'application/json',
      'last-event-id': '7.9~1-2',
    });
  });

  it('drops what belongs to the connection, and cookies', () => {
    const headers = returnedResponseHeaders(
      new Headers({
        connection: 'x-hop, close',
        'x-hop': '1',
        'transfer-encoding': 'chunked',
        'set-cookie': 'a=b',
        etag: '"4"',
        'content-type': 'application/json',
      }),
    );
    expect(Object.fromEntries(headers)).toEqual({
      'cache-control': 'no-store',
      'content-type': 'application/json',
      etag: '"4"',
    });
  });

  it('keeps streams from being compressed or buffered', () => {
    const headers = returnedResponseHeaders(new Headers({ 'content-type': 'text/event-stream' }));
    expect(headers.get('cache-control')).toBe('no-cache, no-transform');
    expect(headers.get('x-accel-buffering')).toBe('no');
  });
});
