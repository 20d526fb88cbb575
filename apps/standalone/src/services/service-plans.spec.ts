import { describe, expect, it } from 'vitest';
import type { DataFolder } from '../data/data-folder.js';
import { readyUrl, SERVICES, servicePlan, STOP_ORDER, STOP_WITHIN_MS } from './service-plans.js';
import type { ServiceFacts } from './service-plans.js';

const facts: ServiceFacts = {
  checkout: '/checkout',
  folder: { path: '/data', instance: 'abc', logs: '/data/logs', run: '/data/run' } as DataFolder,
  env: { PATH: '/bin', DARB_AUTH_JWT_SECRET: 'of the person', DARB_WORKER_CONCURRENCY: '4' },
  host: undefined,
  port: 8080,
  ports: { auth: 1, environments: 2, jobs: 3, worker: 4, dashboard: 5, gateway: 8080 },
  databaseDsn: 'postgres://database',
  valkey: { addr: '127.0.0.1:6', password: 'valkey secret', isOurs: true },
  jwtSecret: 'master secret',
  joinToken: 'join token',
  adminPassword: 'admin password',
};

describe('what services are started with', () => {
  it('gives a worker no database, no master secret and no password of a person', () => {
    const values = Object.values(servicePlan('worker', facts).env);
    for (const secret of ['postgres://database', 'master secret', 'of the person', 'admin password']) {
      expect(values).not.toContain(secret);
    }
    expect(servicePlan('worker', facts).env).toMatchObject({
      DARB_STORAGE_ROOT: '/data',
      DARB_WORKER_CONCURRENCY: '4',
      DARB_WORKER_JOIN_TOKEN: 'join token',
    });
  });

  it('lets only the gateway listen for others', () => {
    for (const name of SERVICES.filter((service) => service !== 'gateway')) {
      const { env } = servicePlan(name, facts);
      expect(env['DARB_SERVER_HOST'] ?? env['HOSTNAME']).toBe('127.0.0.1');
    }
    expect(servicePlan('gateway', facts).env['DARB_SERVER_HOST']).toBeUndefined();
  });

  it('names the admin only to auth', () => {
    const told = SERVICES.filter((name) => servicePlan(name, facts).env['DARB_ADMIN_PASSWORD']);
    expect(told).toEqual(['auth']);
  });

  it('keeps two Darbs on one Valkey apart, and two on one host in one browser', () => {
    const shared = { ...facts, valkey: { ...facts.valkey, isOurs: false } };
    expect(servicePlan('jobs', shared).env['DARB_QUEUE_PREFIX']).toBe('darb-abc');
    expect(servicePlan('jobs', facts).env['DARB_QUEUE_PREFIX']).toBe('darb');
    expect(servicePlan('dashboard', facts).env['DARB_INSTANCE']).toBe('abc');
  });

  it('asks each where it says that it is ready', () => {
    expect(readyUrl('jobs', facts)).toBe('http://127.0.0.1:3/health/ready');
    expect(readyUrl('gateway', { ...facts, host: '::1' })).toBe('http://[::1]:8080/health/ready');
  });

  it('can stop them all one after the other within 30 s, the servers included', () => {
    const together = Math.max(STOP_WITHIN_MS.gateway, STOP_WITHIN_MS.dashboard);
    const [, , ...rest] = STOP_ORDER;
    expect(new Set(STOP_ORDER)).toEqual(new Set(SERVICES));
    expect(together + rest.reduce((sum, name) => sum + STOP_WITHIN_MS[name], 0)).toBeLessThan(27_000);
  });
});
