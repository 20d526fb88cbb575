import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DataFolder } from '../data/data-folder.js';
import { bound } from '../processes/bound.js';
import type { ProcessPlan } from '../processes/managed-process.js';
import { environmentOf } from '../variables.js';
import type { Environment } from '../variables.js';

export const SERVICES = ['auth', 'environments', 'jobs', 'worker', 'dashboard', 'gateway'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** From the outside in, so that nobody loses a service it still needs; then the servers. */
export const STOP_ORDER: readonly ServiceName[] = [
  'gateway',
  'dashboard',
  'worker',
  'jobs',
  'environments',
  'auth',
];

export const STOP_WITHIN_MS: Record<ServiceName, number> = {
  gateway: 2_000,
  dashboard: 2_000,
  worker: 15_000,
  jobs: 3_000,
  environments: 2_000,
  auth: 2_000,
};

/** What a job gets to end by itself at Ctrl-C, so that everything is gone within 30 s. */
const GRACE_SECONDS = 8;

export interface ServiceFacts {
  checkout: string;
  folder: DataFolder;
  env: Environment;
  host: string | undefined;
  port: number;
  ports: Record<ServiceName, number>;
  databaseDsn: string;
  valkey: { addr: string; password: string | undefined; isOurs: boolean };
  jwtSecret: string;
  joinToken: string;
  /** Only while there is no user yet. */
  adminPassword: string | undefined;
}

export function servicePlan(name: ServiceName, facts: ServiceFacts): ProcessPlan {
  const lifeline = pathToFileURL(path.join(import.meta.dirname, '..', 'processes', 'lifeline.js')).href;
  const args = [
    '--max-old-space-size=512',
    '--max-semi-space-size=4',
    '--import',
    lifeline,
    mainFile(name, facts.checkout),
  ];
  const node = { file: process.execPath, args };
  return {
    name,
    // A worker ends by its lifeline instead: it has tools to end and jobs to give back.
    command: name === 'worker' ? node : bound(node, 'KILL'),
    env: {
      ...environmentOf(name, facts.env),
      ...settingsOf(name, facts),
      NODE_ENV: 'production',
      NODE_COMPILE_CACHE: path.join(facts.folder.run, 'compile-cache'),
    },
    cwd: facts.folder.path,
    log: path.join(facts.folder.logs, `${name}.log`),
    hasLifeline: true,
    stopSignal: 'SIGTERM',
    stopWithinMs: STOP_WITHIN_MS[name],
  };
}

/** Where a service says that it is ready. */
export function readyUrl(name: ServiceName, facts: Pick<ServiceFacts, 'ports' | 'port' | 'host'>): string {
  if (name === 'gateway') return `http://${reachable(facts.host)}:${facts.port}/health/ready`;
  return `http://127.0.0.1:${facts.ports[name]}/${name === 'dashboard' ? 'login' : 'health/ready'}`;
}

/** An address at which a server that listens on `host` answers this machine. */
export function reachable(host: string | undefined): string {
  if (!host || host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function mainFile(name: ServiceName, checkout: string): string {
  if (name === 'dashboard')
    return path.join(checkout, 'apps/dashboard/.next/standalone/apps/dashboard/server.js');
  return path.join(checkout, 'apps', name, 'dist', 'main.js');
}

function settingsOf(name: ServiceName, facts: ServiceFacts): Environment {
  const url = (service: ServiceName) => `http://127.0.0.1:${facts.ports[service]}`;
  const urls = {
    DARB_AUTH_URL: url('auth'),
    DARB_ENVIRONMENTS_URL: url('environments'),
    DARB_JOBS_URL: url('jobs'),
  };
  const inside = { DARB_SERVER_HOST: '127.0.0.1', DARB_SERVER_PORT: String(facts.ports[name]) };
  const database = {
    DARB_DATABASE_DSN: facts.databaseDsn,
    DARB_AUTH_JWT_SECRET: facts.jwtSecret,
    DARB_AUTH_URL: urls.DARB_AUTH_URL,
  };
  const queue = {
    DARB_QUEUE_VALKEY_ADDR: facts.valkey.addr,
    DARB_QUEUE_VALKEY_PASSWORD: facts.valkey.password,
    // A Valkey of somebody else may serve several Darbs.
    DARB_QUEUE_PREFIX:
      facts.env['DARB_QUEUE_PREFIX'] || (facts.valkey.isOurs ? 'darb' : `darb-${facts.folder.instance}`),
    DARB_WORKER_JOIN_TOKEN: facts.joinToken,
  };
  switch (name) {
    case 'auth':
      return { ...inside, ...database, DARB_ADMIN_PASSWORD: facts.adminPassword };
    case 'environments':
      return { ...inside, ...database };
    case 'jobs':
      return { ...inside, ...database, ...queue };
    case 'worker':
      return {
        ...inside,
        ...queue,
        DARB_JOBS_URL: urls.DARB_JOBS_URL,
        DARB_STORAGE_ROOT: facts.folder.path,
        DARB_WORKER_GRACE_SECONDS: facts.env['DARB_WORKER_GRACE_SECONDS'] || String(GRACE_SECONDS),
      };
    case 'dashboard':
      return {
        ...urls,
        DARB_AUTH_JWT_SECRET: facts.jwtSecret,
        DARB_INSTANCE: facts.env['DARB_INSTANCE'] || facts.folder.instance,
        HOSTNAME: '127.0.0.1',
        PORT: String(facts.ports.dashboard),
      };
    case 'gateway':
      return {
        ...urls,
        DARB_DASHBOARD_URL: url('dashboard'),
        DARB_SERVER_HOST: facts.host,
        DARB_SERVER_PORT: String(facts.port),
      };
  }
}
