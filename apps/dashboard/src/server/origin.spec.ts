import { describe, expect, it } from 'vitest';
import { isOriginAllowed } from './origin';

const allowed = (headers: Record<string, string>, method = 'POST', publicUrl: string | null = null) =>
  isOriginAllowed(method, new Headers(headers), publicUrl);

describe('isOriginAllowed', () => {
  it('lets safe methods through', () => {
    for (const method of ['GET', 'HEAD', 'OPTIONS']) expect(allowed({ host: 'a' }, method)).toBe(true);
  });

  it('wants the page and the request to have the same host', () => {
    expect(allowed({ host: 'darb:8080', origin: 'http://darb:8080' })).toBe(true);
    expect(allowed({ host: 'DARB:8080', origin: 'http://darb:8080' })).toBe(true);
    expect(allowed({ host: 'darb:443', origin: 'https://darb' })).toBe(true);
    expect(allowed({ host: 'darb:8080', origin: 'http://darb:9090' })).toBe(false);
    expect(allowed({ host: 'darb', origin: 'http://evil' })).toBe(false);
    expect(allowed({ host: 'darb', origin: 'http://darb.evil' })).toBe(false);
  });

  it('believes the host that the gateway saw', () => {
    const forwarded = { host: '127.0.0.1:3000', 'x-forwarded-host': 'darb.example.org' };
    expect(allowed({ ...forwarded, origin: 'https://darb.example.org' })).toBe(true);
    expect(allowed({ ...forwarded, origin: 'http://127.0.0.1:3000' })).toBe(false);
    expect(
      allowed({
        host: 'x',
        'x-forwarded-host': 'darb.example.org, inner',
        origin: 'https://darb.example.org',
      }),
    ).toBe(true);
  });

  it('knows the configured address when a proxy rewrites Host', () => {
    const headers = { host: 'dashboard:3000', origin: 'https://darb.example.org' };
    expect(allowed(headers, 'DELETE', 'https://darb.example.org')).toBe(true);
    expect(allowed(headers, 'DELETE', 'http://darb.example.org')).toBe(false);
  });

  it.each([undefined, '', 'null', 'file://', 'chrome-extension://x', 'nonsense'])(
    'refuses Origin %j',
    (origin) => {
      expect(allowed({ host: 'darb', ...(origin === undefined ? {} : { origin }) })).toBe(false);
    },
  );
});
