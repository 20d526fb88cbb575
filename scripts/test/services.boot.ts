import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createTestDatabase,
  freePort,
  queuePrefix,
  uvPath,
  valkey,
  waitFor,
} from '../../libs/testing/src/index.js';
import type { TestDatabase } from '../../libs/testing/src/index.js';
import { ServiceProcess, SERVICES, Stack } from './services.js';
import type { ServiceName } from './services.js';

let database: TestDatabase;
let stack: Stack;

beforeAll(async () => {
  database = await createTestDatabase();
  stack = await Stack.create({
    DARB_DATABASE_DSN: database.dsn,
    DARB_QUEUE_VALKEY_ADDR: valkey().addr,
    DARB_QUEUE_PREFIX: queuePrefix(),
    DARB_AUTH_JWT_SECRET: 'boot-test-secret-of-more-than-32-characters',
    DARB_WORKER_JOIN_TOKEN: 'boot-test-join-token-of-32-characters',
    DARB_ADMIN_PASSWORD: 'boot-test-password',
    DARB_PACKAGE_MANAGER_UV_PATH: uvPath(),
  });
});
afterAll(async () => {
  await stack.close();
  await database.drop();
});

describe('all compiled services together', () => {
  const running = new Map<ServiceName, ServiceProcess>();

  it('start and are ready', async () => {
    for (const name of SERVICES) running.set(name, stack.start(name));
    await Promise.all([...running.values()].map((service) => service.ready()));
  });

  it('are summed up as healthy by the gateway, with an admin and a worker', async () => {
    const url = `${running.get('gateway')?.url}/api/v1/health`;
    const health = await waitFor(
      async () => {
        const response = await fetch(url);
        return response.ok ? ((await response.json()) as Record<string, unknown>) : null;
      },
      { timeoutMs: 30_000, what: 'the summed up health to be 200' },
    );
    expect(health).toMatchObject({ status: 'ok', admin: true, services: { worker: { registered: 1 } } });
  });

  // The gateway's port is the public one, and the dashboard is reached through it.
  it.each(['auth', 'environments', 'jobs', 'worker'] as const)(
    '%s shows metrics on its own port',
    async (name) => {
      const response = await fetch(`${running.get(name)?.url}/metrics`);
      expect(response.status).toBe(200);
      expect(await response.text()).toMatch(/^process_cpu_seconds_total/m);
    },
  );

  it('show no metrics and no internal route through the gateway', async () => {
    const url = running.get('gateway')?.url;
    const internal = await fetch(`${url}/internal/workers`, { method: 'POST' });
    expect(internal.status).toBe(404);
    expect((await fetch(`${url}/api/v1/internal/workers`, { method: 'POST' })).status).toBe(404);
  });

  it('stop within twenty seconds of SIGTERM, without an error', async () => {
    const ends = await Promise.all([...running.values()].map((service) => service.stop()));
    // Nest ends with the signal itself, Next with 143: both are clean.
    for (const { code, signal } of ends) expect(code ?? signal).toBeOneOf([0, 143, 'SIGTERM']);
  }, 25_000);
});

describe('a compiled service with settings that can not work', () => {
  const services = SERVICES.filter((name) => name !== 'dashboard');

  async function runToEnd(name: ServiceName, env: Record<string, string>) {
    const service = ServiceProcess.start(name, await freePort(), { ...stack.environment(name), ...env });
    const timer = setTimeout(() => service.child.kill('SIGKILL'), 40_000);
    const { code } = await service.ended;
    clearTimeout(timer);
    return { code, output: service.output };
  }

  it.each(services)('%s ends with a sentence that names a bad value', async (name) => {
    const { code, output } = await runToEnd(name, { DARB_SERVER_PORT: 'eighty' });
    expect(code).toBe(1);
    expect(output).toMatch(/DARB_SERVER_PORT.*\./);
    expect(output).not.toMatch(/^\s+at /m);
  });

  it.each(['auth', 'environments', 'jobs'] as const)(
    '%s does not start with a short secret',
    async (name) => {
      const { code, output } = await runToEnd(name, { DARB_AUTH_JWT_SECRET: 'short' });
      expect(code).toBe(1);
      expect(output).toContain('DARB_AUTH_JWT_SECRET');
      expect(output).not.toContain('short"');
    },
  );

  it('warns of a name that it does not know, and ignores what Kubernetes injects', async () => {
    const env = { DARB_SERVRE_PORT: '1', DARB_JOBS_PORT: 'tcp://10.0.0.1:8083' };
    const service = ServiceProcess.start('gateway', await freePort(), {
      ...stack.environment('gateway'),
      ...env,
    });
    await service.ready();
    await service.stop();
    expect(service.output).toContain('DARB_SERVRE_PORT');
    expect(service.output).not.toContain('DARB_JOBS_PORT');
  });
});
