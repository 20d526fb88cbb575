/** One Darb as processes, with every line between its parts in our hands. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, Guard, repositoryRoot, startWheelIndex, uvPath, waitFor } from '@darb/testing';
import type { WheelIndex } from '@darb/testing';
import { AnswerThief } from './answer-thief.js';
import { Clock } from './clock.js';
import { Disk } from './disks.js';
import { Link } from './link.js';
import { Managed } from './managed.js';
import { chaosPackages, SLOW_PACKAGES } from './packages.js';
import { processesBelow, signalTool } from './processes.js';
import { Postgres, Valkey } from './servers.js';

export const ADMIN_PASSWORD = 'an-admin-of-the-chaos-tests';
/** A run that hangs ends within this time. */
const JOB_TIMEOUT_SECONDS = 60;
/** Stores are verified, repaired and collected all the time, beside everything else. */
const UPKEEP = {
  DARB_STORE_VERIFY_SECONDS: '25',
  DARB_STORE_REPAIR_SECONDS: '15',
  DARB_STORE_COLLECT_SECONDS: '30',
  DARB_RETENTION_TREE_SECONDS: '20',
};
const SLOW_BYTES_PER_SECOND = 150_000;

export type ServiceKind = 'auth' | 'environments' | 'jobs' | 'worker' | 'gateway';

/** Workers: two on one store (one of them with a sandbox, where there is one), the third on a store of its own. */
const WORKERS = [
  { store: 0, sandbox: 'auto' },
  { store: 0, sandbox: 'off' },
  { store: 1, sandbox: 'auto' },
] as const;
const REPLICAS: Record<Exclude<ServiceKind, 'worker'>, number> = {
  auth: 1,
  environments: 2,
  jobs: 2,
  gateway: 1,
};

export interface StageOptions {
  mayMount: boolean;
  log: (text: string) => void;
}

export class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), 'darb-chaos-'));
  readonly logs = join(this.folder, 'logs');
  readonly guard = new Guard(this.folder);
  readonly services: Managed[] = [];
  readonly links: Link[] = [];
  readonly disks: Disk[] = [];
  readonly skipped: string[] = [];
  postgres: Postgres;
  valkey: Valkey;
  index: WheelIndex;
  thief: AnswerThief;
  clock: Clock | null = null;
  url = '';
  private readonly ready = new Map<string, string>();
  private readonly secrets = {
    DARB_AUTH_JWT_SECRET: randomBytes(32).toString('base64url'),
    DARB_WORKER_JOIN_TOKEN: randomBytes(32).toString('base64url'),
  };

  private constructor(private readonly options: StageOptions) {
    mkdirSync(this.logs);
  }

  static async start(options: StageOptions): Promise<Stage> {
    const stage = new Stage(options);
    try {
      await stage.startServers();
      await stage.startServices();
      await stage.healthy(120_000);
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  get stores(): string[] {
    return this.disks.map(({ folder }) => folder);
  }

  of(kind: ServiceKind): Managed[] {
    return this.services.filter(({ name }) => name.startsWith(kind));
  }

  /** Every service says that it is ready, and a worker is there. */
  async healthy(timeoutMs: number): Promise<void> {
    const isReady = async (url: string) => (await fetch(url, { signal: AbortSignal.timeout(5_000) })).ok;
    for (const [name, url] of this.ready) {
      await waitFor(() => isReady(url), { timeoutMs, intervalMs: 100, what: `${name} to be ready` });
    }
    const health = `${this.url}/api/v1/health`;
    await waitFor(() => isReady(health), { timeoutMs, intervalMs: 100, what: 'Darb to be healthy' });
  }

  /** Lifts whatever a fault may have left behind. */
  heal(): void {
    for (const link of this.links) link.heal();
    this.thief.heal();
    this.clock?.reset();
    for (const disk of this.disks) disk.free();
    for (const managed of [...this.services, this.valkey.process, this.postgres.process]) managed.thaw();
  }

  /** Ends everything at once: whatever had to be seen was seen before. */
  async close(): Promise<void> {
    await Promise.all(this.services.map((managed) => managed.stop('SIGKILL')));
    for (const store of this.stores) for (const tool of processesBelow(store)) signalTool(tool, 'SIGKILL');
    await Promise.all([this.postgres?.process.stop('SIGINT'), this.valkey?.process.stop('SIGKILL')]);
    await Promise.all([...this.links.map((link) => link.close()), this.thief?.close(), this.index?.close()]);
    for (const disk of this.disks) disk.unmount();
    await this.guard.dismiss();
  }

  private async startServers(): Promise<void> {
    const { folder, guard } = this;
    this.options.log('Starting PostgreSQL and Valkey …');
    [this.postgres, this.valkey] = await Promise.all([
      Postgres.start(folder, guard),
      Valkey.start(folder, guard),
    ]);
    this.index = await startWheelIndex({ packages: chaosPackages() });
    for (const name of SLOW_PACKAGES) this.index.throttle(name, SLOW_BYTES_PER_SECOND);
    for (const name of ['store-a', 'store-b']) {
      this.disks.push(Disk.create(join(folder, name), this.options.mayMount));
    }
    if (this.disks.some(({ isOwn }) => !isOwn))
      this.skipped.push('disk-full: no file system can be mounted here');
    this.clock = Clock.create(folder);
    if (!this.clock) this.skipped.push('clock-step: libfaketime is not installed');
    const migrations = join(repositoryRoot(), 'libs/models/dist/migrations/main.js');
    const { status, stderr } = spawnSync(process.execPath, [migrations], {
      env: { PATH: process.env.PATH, DARB_DATABASE_DSN: this.postgres.dsn() },
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`The database could not be migrated:\n${stderr}`);
  }

  private async startServices(): Promise<void> {
    this.options.log('Starting the services …');
    const auth = await this.replicas('auth');
    const jobs = await this.replicas('jobs');
    const environments = await this.replicas('environments');
    const [gateway] = await this.replicas('gateway');
    const jobsForWorkers = await this.link('workers-jobs', ...jobs);
    this.thief = await AnswerThief.open(jobsForWorkers);
    for (const [kind, ports] of Object.entries({ auth, jobs, environments })) {
      for (const [index, port] of ports.entries()) {
        const name = `${kind}-${index + 1}`;
        this.add(name, kind as ServiceKind, port, await this.backEnd(name, kind as ServiceKind, auth));
      }
    }
    this.add('gateway-1', 'gateway', gateway!, {
      DARB_AUTH_URL: addressOf(await this.link('gateway-auth', ...auth)),
      DARB_ENVIRONMENTS_URL: addressOf(await this.link('gateway-environments', ...environments)),
      DARB_JOBS_URL: addressOf(await this.link('gateway-jobs', ...jobs)),
    });
    this.url = addressOf(gateway!);
    const indexPort = Number(new URL(this.index.url).port);
    for (const [index, worker] of WORKERS.entries()) {
      const name = `worker-${index + 1}`;
      const wheels = new URL(this.index.url);
      wheels.port = String(await this.link(`${name}-index`, indexPort));
      this.add(name, 'worker', await freePort(), {
        ...this.secret('DARB_WORKER_JOIN_TOKEN'),
        ...(index === 1 ? this.clock?.variables() : {}),
        DARB_QUEUE_VALKEY_ADDR: `127.0.0.1:${await this.link(`${name}-valkey`, this.valkey.port)}`,
        DARB_JOBS_URL: addressOf(await this.link(`${name}-jobs`, this.thief.port)),
        DARB_STORAGE_ROOT: this.stores[worker.store]!,
        DARB_STORAGE_FREE_BYTES: String(32 * 1024 * 1024),
        DARB_WORKER_NAME: name,
        DARB_WORKER_CONCURRENCY: '2',
        DARB_WORKER_SANDBOX: worker.sandbox,
        DARB_WORKER_GRACE_SECONDS: '5',
        DARB_PACKAGE_MANAGER_UV_PATH: uvPath(),
        DARB_PACKAGE_MANAGER_UV_INDEX_URL: wheels.href,
      });
    }
  }

  private async backEnd(name: string, kind: ServiceKind, auth: number[]): Promise<Record<string, string>> {
    const database = await this.link(`${name}-postgres`, this.postgres.port);
    const base = { ...this.secret('DARB_AUTH_JWT_SECRET'), DARB_DATABASE_DSN: this.postgres.dsn(database) };
    if (kind === 'auth') return { ...base, DARB_ADMIN_PASSWORD: ADMIN_PASSWORD };
    const withKeys = { ...base, DARB_AUTH_URL: addressOf(await this.link(`${name}-auth`, ...auth)) };
    const { DARB_RETENTION_TREE_SECONDS } = UPKEEP;
    if (kind === 'environments') return { ...withKeys, DARB_RETENTION_TREE_SECONDS };
    return {
      ...withKeys,
      ...this.secret('DARB_WORKER_JOIN_TOKEN'),
      DARB_QUEUE_VALKEY_ADDR: `127.0.0.1:${await this.link(`${name}-valkey`, this.valkey.port)}`,
      DARB_JOB_TIMEOUT_SECONDS: String(JOB_TIMEOUT_SECONDS),
      ...UPKEEP,
    };
  }

  private secret(name: keyof Stage['secrets']): Record<string, string> {
    return { [name]: this.secrets[name] };
  }

  private replicas(kind: Exclude<ServiceKind, 'worker'>): Promise<number[]> {
    return Promise.all(Array.from({ length: REPLICAS[kind] }, () => freePort()));
  }

  private async link(name: string, ...targets: number[]): Promise<number> {
    const link = await Link.open(name, ...targets);
    this.links.push(link);
    return link.port;
  }

  private add(name: string, kind: ServiceKind, port: number, env: Record<string, string>): void {
    const main = join(repositoryRoot(), 'apps', kind, 'dist/main.js');
    if (!existsSync(main)) throw new Error(`${main} is not there: build Darb first.`);
    const managed = new Managed({
      name,
      file: process.execPath,
      args: ['--max-old-space-size=512', main],
      env: {
        PATH: process.env.PATH ?? '',
        HOME: process.env.HOME ?? '/',
        NODE_ENV: 'production',
        NODE_COMPILE_CACHE: join(this.folder, 'compile-cache'),
        DARB_SERVER_HOST: '127.0.0.1',
        DARB_SERVER_PORT: String(port),
        DARB_QUEUE_PREFIX: 'darb',
        ...env,
      },
      log: join(this.logs, `${name}.log`),
      guard: this.guard,
      stopSignal: 'SIGTERM',
    });
    this.services.push(managed);
    this.ready.set(name, `${addressOf(port)}/health/ready`);
    managed.start();
  }

  /** Keeps what may explain a violation beside the logs. */
  note(file: string, content: unknown): void {
    writeFileSync(join(this.folder, file), `${JSON.stringify(content, null, 2)}\n`);
  }
}

function addressOf(port: number): string {
  return `http://127.0.0.1:${port}`;
}
