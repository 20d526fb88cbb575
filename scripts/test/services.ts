/** Compiled services as processes, each with only the variables it needs. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, Guard, waitFor } from '../../libs/testing/src/index.js';

const ROOT = join(import.meta.dirname, '../..');
export const SERVICES = ['auth', 'environments', 'jobs', 'worker', 'gateway', 'dashboard'] as const;
export type ServiceName = (typeof SERVICES)[number];

const ENTRIES: Record<ServiceName, string> = {
  auth: 'apps/auth/dist/main.js',
  environments: 'apps/environments/dist/main.js',
  jobs: 'apps/jobs/dist/main.js',
  worker: 'apps/worker/dist/main.js',
  gateway: 'apps/gateway/dist/main.js',
  dashboard: 'apps/dashboard/.next/standalone/apps/dashboard/server.js',
};

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export class ServiceProcess {
  output = '';
  readonly ended: Promise<Ended>;

  private constructor(
    readonly name: ServiceName,
    readonly url: string,
    readonly child: ChildProcess,
  ) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    this.ended = once(child, 'close').then(([code, signal]) => ({ code, signal }) as Ended);
  }

  static start(name: ServiceName, port: number, env: Record<string, string>): ServiceProcess {
    const inherited = { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR };
    const own =
      name === 'dashboard'
        ? { PORT: String(port), HOSTNAME: '127.0.0.1', NODE_ENV: 'production' }
        : { DARB_SERVER_HOST: '127.0.0.1', DARB_SERVER_PORT: String(port) };
    const child = spawn(process.execPath, [join(ROOT, ENTRIES[name])], {
      cwd: ROOT,
      env: { ...inherited, ...own, ...env } as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new ServiceProcess(name, `http://127.0.0.1:${port}`, child);
  }

  async ready(timeoutMs = 90_000): Promise<void> {
    const options = { timeoutMs, intervalMs: 100, what: `${this.name} to be ready` };
    const isReady = waitFor(async () => (await fetch(`${this.url}/health/ready`)).ok, options);
    // Nobody waits for it any more when the process ends first.
    isReady.catch(() => undefined);
    const early = this.ended.then(({ code }) => {
      throw new Error(`${this.name} ended with ${code} before it was ready`);
    });
    try {
      await Promise.race([isReady, early]);
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${this.output}`, { cause: error });
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    return this.ended;
  }
}

/** Variables of every service, for one Darb on free ports. */
export class Stack {
  readonly folder = mkdtempSync(join(tmpdir(), 'darb-boot-'));
  private readonly guard = new Guard(this.folder);
  private readonly started: ServiceProcess[] = [];

  private constructor(
    private readonly ports: Record<ServiceName, number>,
    private readonly variables: Record<string, string>,
  ) {}

  static async create(variables: Record<string, string>): Promise<Stack> {
    const ports = {} as Record<ServiceName, number>;
    for (const name of SERVICES) ports[name] = await freePort();
    return new Stack(ports, variables);
  }

  environment(name: ServiceName): Record<string, string> {
    const url = (service: ServiceName) => `http://127.0.0.1:${this.ports[service]}`;
    const { variables } = this;
    const pick = (...names: string[]) =>
      Object.fromEntries(names.flatMap((key) => (variables[key] ? [[key, variables[key]]] : [])));
    const urls = { DARB_AUTH_URL: url('auth') };
    const service = { ...pick('DARB_DATABASE_DSN', 'DARB_AUTH_JWT_SECRET'), ...urls };
    const queue = pick('DARB_QUEUE_VALKEY_ADDR', 'DARB_QUEUE_PREFIX', 'DARB_WORKER_JOIN_TOKEN');
    const targets = { ...urls, DARB_ENVIRONMENTS_URL: url('environments'), DARB_JOBS_URL: url('jobs') };
    const of: Record<ServiceName, Record<string, string>> = {
      auth: { ...service, ...pick('DARB_ADMIN_PASSWORD') },
      environments: service,
      jobs: { ...service, ...queue },
      worker: {
        ...queue,
        ...pick('DARB_PACKAGE_MANAGER_UV_PATH', 'DARB_PACKAGE_MANAGER_UV_INDEX_URL'),
        DARB_JOBS_URL: url('jobs'),
        DARB_STORAGE_ROOT: join(this.folder, 'store'),
      },
      gateway: { ...targets, DARB_DASHBOARD_URL: url('dashboard') },
      dashboard: { ...targets, ...pick('DARB_AUTH_JWT_SECRET'), DARB_PUBLIC_URL: url('gateway') },
    };
    return of[name];
  }

  start(name: ServiceName, env: Record<string, string> = {}): ServiceProcess {
    const service = ServiceProcess.start(name, this.ports[name], { ...this.environment(name), ...env });
    this.started.push(service);
    this.guard.watch(service.child);
    return service;
  }

  async close(): Promise<void> {
    await Promise.all(this.started.map((service) => service.stop('SIGKILL')));
    await this.guard.dismiss();
  }
}
