import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestGateway, Upstream } from './gateway.js';
import { rawRequest, startGateway, startUpstream } from './gateway.js';

interface Echo {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
}

describe('the gateway in front of real servers', () => {
  const upstreams: Record<'auth' | 'environments' | 'jobs' | 'dashboard', Upstream> = {} as never;
  let gateway: TestGateway;

  beforeAll(async () => {
    for (const name of ['auth', 'environments', 'jobs', 'dashboard'] as const) {
      upstreams[name] = await startUpstream();
    }
    gateway = await startGateway({
      DARB_AUTH_URL: upstreams.auth.url,
      DARB_ENVIRONMENTS_URL: upstreams.environments.url,
      DARB_JOBS_URL: upstreams.jobs.url,
      DARB_DASHBOARD_URL: upstreams.dashboard.url,
      DARB_GATEWAY_BODY_LIMIT_BYTES: '3000000',
    });
  });

  afterAll(async () => {
    await gateway?.close();
    for (const upstream of Object.values(upstreams)) await upstream.close();
  });

  const arrivals = () => Object.values(upstreams).reduce((sum, { seen }) => sum + seen.length, 0);

  it.each([
    ['/api/v1/auth/login', 'auth'],
    ['/api/v1/environments?limit=5&name=a%2Fb', 'environments'],
    ['/api/v1/jobs/1/logs', 'jobs'],
    ['/environments/1', 'dashboard'],
    ['/', 'dashboard'],
    ['/environments/', 'dashboard'],
    ['/api/v1/jobs/?a', 'jobs'],
  ] as const)('sends %s to %s, unchanged', async (path, service) => {
    const before = upstreams[service].seen.length;
    const echo = (await (await fetch(gateway.url + path)).json()) as Echo;
    expect(upstreams[service].seen.length).toBe(before + 1);
    expect(echo.url).toBe(path);
  });

  it('passes every method and its body on', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const response = await fetch(`${gateway.url}/api/v1/environments/1`, {
        method,
        headers: { 'content-type': 'application/json' },
        body: '{ "packages":["rich"] }',
      });
      const echo = (await response.json()) as Echo;
      expect(echo).toMatchObject({ method, body: '{ "packages":["rich"] }' });
      expect(echo.headers['content-type']).toBe('application/json');
    }
    const head = await fetch(`${gateway.url}/api/v1/environments/1`, { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(upstreams.environments.seen.at(-1)?.method).toBe('HEAD');
  });

  it('passes a POST without a body and without a content type on as it is', async () => {
    const echo = (await (
      await fetch(`${gateway.url}/api/v1/jobs/1/cancel`, { method: 'POST' })
    ).json()) as Echo;
    expect(echo).toMatchObject({ method: 'POST', body: '' });
    expect(echo.headers['content-type']).toBeUndefined();
  });

  it('keeps text, odd content types and a bare query as they came', async () => {
    const response = await fetch(`${gateway.url}/api/v1/environments/1/manifest?a=b?c&&=`, {
      method: 'PUT',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: 'ünï',
    });
    const echo = (await response.json()) as Echo;
    expect(echo.body).toBe('ünï');
    expect(echo.url).toBe('/api/v1/environments/1/manifest?a=b?c&&=');
    expect(echo.headers['content-type']).toBe('text/plain; charset=utf-8');
  });

  it('makes a request id, or keeps the one it was given', async () => {
    const made = await fetch(`${gateway.url}/api/v1/jobs`);
    expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(((await made.json()) as Echo).headers['x-request-id']).toBe(made.headers.get('x-request-id'));
    const given = await fetch(`${gateway.url}/api/v1/jobs`, { headers: { 'x-request-id': 'mine-1' } });
    expect(((await given.json()) as Echo).headers['x-request-id']).toBe('mine-1');
    expect(given.headers.get('x-request-id')).toBe('mine-1');
  });

  it('says where a request came from, and believes nobody else about it', async () => {
    const response = await fetch(`${gateway.url}/api/v1/jobs`, {
      headers: {
        'x-forwarded-for': '6.6.6.6',
        'x-real-ip': '6.6.6.6',
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'https',
        forwarded: 'for=6.6.6.6',
      },
    });
    const { headers } = (await response.json()) as Echo;
    expect(headers['x-forwarded-for']).toBe('127.0.0.1');
    expect(headers['x-forwarded-host']).toBe(`127.0.0.1:${gateway.port}`);
    expect(headers['x-forwarded-proto']).toBe('http');
    expect(headers).not.toHaveProperty('forwarded');
    expect(headers).not.toHaveProperty('x-real-ip');
  });

  it('believes a proxy that it was told to trust', async () => {
    const behind = await startGateway({
      DARB_JOBS_URL: upstreams.jobs.url,
      DARB_GATEWAY_TRUSTED_PROXIES: '127.0.0.0/8',
    });
    try {
      const response = await fetch(`${behind.url}/api/v1/jobs`, {
        headers: {
          'x-forwarded-for': '6.6.6.6, 203.0.113.9',
          'x-forwarded-host': 'darb.example',
          'x-forwarded-proto': 'https',
        },
      });
      const { headers } = (await response.json()) as Echo;
      expect(headers['x-forwarded-for']).toBe('203.0.113.9, 127.0.0.1');
      expect(headers['x-forwarded-host']).toBe('darb.example');
      expect(headers['x-forwarded-proto']).toBe('https');
    } finally {
      await behind.close();
    }
  });

  it('refuses a body over the limit, announced or not', async () => {
    const url = `${gateway.url}/api/v1/environments`;
    const announced = await fetch(url, { method: 'POST', body: 'x'.repeat(3_000_001) }).catch(() => null);
    if (announced) expect(announced.status).toBe(413);
    const chunks = async function* () {
      for (let index = 0; index < 40; index++) yield Buffer.alloc(100_000);
    };
    const before = upstreams.environments.seen.filter(({ body }) => body.length > 3_000_000).length;
    const counted = await fetch(url, {
      method: 'POST',
      body: chunks() as never,
      duplex: 'half',
    } as RequestInit).catch(() => null);
    if (counted) expect(counted.status).toBe(413);
    expect(upstreams.environments.seen.filter(({ body }) => body.length > 3_000_000).length).toBe(before);
  });

  it('streams a body up to the limit that is too large to keep', async () => {
    const body = 'y'.repeat(2_000_000);
    const echo = (await (
      await fetch(`${gateway.url}/api/v1/environments`, { method: 'POST', body })
    ).json()) as Echo;
    expect(echo.body.length).toBe(body.length);
  });

  it.each([
    '/internal',
    '/internal/workers',
    '/INTERNAL/workers',
    '/%69nternal/workers',
    '/%49NTERNAL/workers',
    '/metrics',
    '/openapi.json',
    '//internal/workers',
    '/api//../internal/workers',
    '/api/v1/jobs/../../../internal/workers',
    '/api/v1/jobs/..%2f..%2f..%2finternal/workers',
    '/api/v1/jobs/%2e%2e/%2e%2e/%2e%2e/internal/workers',
    '/api/v1/jobs%2f..%2f..%2f..%2finternal',
    '/api/v1/jobs/..\\..\\..\\internal\\workers',
    '/api/v1/jobs/%5c..%5c..%5cinternal',
    '/api/v1/jobs/%252e%252e/internal',
    '/api/v1/internal/workers',
    '/api/v1/metrics',
    '/api/v1/openapi.json',
    '/api/v1/jobs/./../../../metrics',
    '/./internal/workers',
    '/;/../internal/workers',
    '/internal;x/workers',
    '/internal%00/workers',
    '/%zz/internal',
    'http://localhost/internal/workers',
    'http://127.0.0.1/metrics',
    'HTTP://localhost/api/v1/jobs',
    '/internal?x=/api/v1/jobs',
    '/internal#/api/v1/jobs',
    '*',
  ])('never forwards %s', async (target) => {
    const before = arrivals();
    for (const method of ['GET', 'POST']) {
      const { status, text } = await rawRequest(gateway.port, target, method);
      expect([400, 404]).toContain(status);
      if (status === 404) expect(text).toContain('application/problem+json');
    }
    expect(arrivals()).toBe(before);
  });

  it('answers an unknown noun of the API itself, as a problem', async () => {
    const before = arrivals();
    const response = await fetch(`${gateway.url}/api/v1/nothing`);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(await response.json()).toMatchObject({ code: 'route_not_found', status: 404 });
    expect(arrivals()).toBe(before);
  });

  it('shows the documentation without a session, from this address alone', async () => {
    const page = await fetch(`${gateway.url}/docs`);
    expect(page.status).toBe(200);
    const html = await page.text();
    expect(html).not.toMatch(/https?:\/\//);
    expect(html).not.toMatch(/<script>|onload=/);
    const files = [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, file]) => file!);
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) {
      const response = await fetch(gateway.url + file);
      expect(response.status, file).toBe(200);
      await response.arrayBuffer();
    }
    expect((await fetch(`${gateway.url}/docs/`)).status).toBe(200);
    const document = (await (await fetch(`${gateway.url}/docs/openapi.json`)).json()) as { openapi: string };
    expect(document.openapi).toBe('3.1.0');
  });
});
