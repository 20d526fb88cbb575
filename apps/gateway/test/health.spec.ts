import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '@darb/testing';
import type { TestGateway, Upstream } from './gateway.js';
import { answer, startGateway, startUpstream } from './gateway.js';

interface State {
  status: number;
  body: Record<string, unknown>;
}

describe('/api/v1/health', () => {
  let states: Record<'auth' | 'environments' | 'jobs' | 'dashboard', State>;
  let upstreams: Upstream[];
  let gateway: TestGateway;

  beforeEach(async () => {
    states = {
      auth: { status: 200, body: { status: 'ok', service: 'auth', version: '1', admin_exists: true } },
      environments: { status: 200, body: { status: 'ok', dependencies: { database: { status: 'ok' } } } },
      jobs: { status: 200, body: { status: 'ok', workers: { live: 2 } } },
      dashboard: { status: 200, body: { status: 'ok' } },
    };
    upstreams = [];
    const names = ['auth', 'environments', 'jobs', 'dashboard'] as const;
    const environment: Record<string, string> = {};
    for (const name of names) {
      const upstream = await startUpstream((_request, response) =>
        answer(response, states[name].status, states[name].body),
      );
      upstreams.push(upstream);
      environment[`DARB_${name.toUpperCase()}_URL`] = upstream.url;
    }
    gateway = await startGateway(environment);
  });

  afterEach(async () => {
    await gateway.close();
    for (const upstream of upstreams) await upstream.close();
  });

  async function health(): Promise<{ status: number; body: Record<string, any> }> {
    const response = await fetch(`${gateway.url}/api/v1/health`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  it('is 200 when every service is ready, an admin exists and a worker has registered', async () => {
    expect(await health()).toEqual({
      status: 200,
      body: {
        status: 'ok',
        services: {
          auth: { status: 'ok', version: '1' },
          environments: { status: 'ok', dependencies: { database: { status: 'ok' } } },
          jobs: { status: 'ok' },
          dashboard: { status: 'ok' },
          worker: { registered: 2 },
        },
        admin: true,
      },
    });
  });

  it.each([
    [
      'a service is not ready',
      () => (states.environments = { status: 503, body: { status: 'unavailable' } }),
    ],
    ['a service calls itself ok under 503', () => (states.jobs.status = 503)],
    ['a service answers nonsense', () => (states.dashboard = { status: 500, body: {} })],
    ['no admin exists', () => (states.auth.body['admin_exists'] = false)],
    ['no worker has registered', () => (states.jobs.body['workers'] = { live: 0 })],
  ])('is 503 when %s', async (_why, change) => {
    change();
    const { status, body } = await health();
    expect(status).toBe(503);
    expect(body['status']).toBe('unavailable');
  });

  it('is 503 and says which service can not be reached', async () => {
    await upstreams[2]!.close();
    const { status, body } = await health();
    expect(status).toBe(503);
    expect(body['services'].jobs).toEqual({ status: 'unreachable' });
    expect(body['services'].auth.status).toBe('ok');
  });

  it('asks each service once for many watchers, and again after a second', async () => {
    await Promise.all(Array.from({ length: 50 }, health));
    // One question a second: fifty askers may take longer than one on a busy machine.
    for (const { seen } of upstreams) expect(seen.length).toBeLessThan(10);
    states.jobs.body['workers'] = { live: 0 };
    await waitFor(async () => (await health()).status === 503, { timeoutMs: 10_000 });
  });

  it('has nothing to do with whether the gateway itself is alive', async () => {
    for (const upstream of upstreams) await upstream.close();
    expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
    expect((await fetch(`${gateway.url}/health/ready`)).status).toBe(200);
  });
});
