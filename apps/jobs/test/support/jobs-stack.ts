import { randomBytes } from 'node:crypto';
import { requestJob } from '@darb/ledger';
import type { JobObject } from '@darb/ledger';
import type { Change } from '@darb/models';
import { createTestApp, TestIdentity } from '@darb/service-kit';
import type { TestUser } from '@darb/service-kit';
import { createTestDatabase, freePort, queuePrefix, valkey, waitFor } from '@darb/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { jobsService } from '../../src/service.js';
import { ScriptedWorker } from './scripted-worker.js';
import type { Script } from './scripted-worker.js';

/** A create without packages, and a change of everything. */
export const CREATE: Change = {
  type: 'create',
  python: null,
  packages: [],
  pypi_packages: [],
  manifest: null,
  lockfile: null,
};
export const UPDATE: Change = { type: 'update', packages: null };

export const WAIT = { timeoutMs: 30_000 };

/** The jobs service as it really runs, with a database and a queue prefix of its own. */
export class JobsStack {
  app: NestFastifyApplication;
  url: string;
  dsn: string;
  database: DataSource;
  identity: TestIdentity;
  owner: TestUser;
  readonly prefix = queuePrefix();
  readonly joinToken = randomBytes(24).toString('hex');
  private readonly secret = randomBytes(32).toString('hex');
  private readonly workers: ScriptedWorker[] = [];
  private port: number;
  private dropDatabase: () => Promise<void>;
  private environment: Record<string, string>;
  private valkeyAddr: string;

  /** @param addresses ways to the servers that can be cut; without them the servers' own */
  static async start(addresses: { postgresPort?: number; valkeyAddr?: string } = {}): Promise<JobsStack> {
    const stack = new JobsStack();
    stack.valkeyAddr = addresses.valkeyAddr ?? valkey().addr;
    const database = await createTestDatabase();
    stack.dropDatabase = database.drop;
    const url = new URL(database.dsn);
    if (addresses.postgresPort !== undefined) url.port = String(addresses.postgresPort);
    stack.dsn = url.href;
    stack.identity = await TestIdentity.start();
    stack.environment = {
      DARB_DATABASE_DSN: stack.dsn,
      DARB_QUEUE_VALKEY_ADDR: stack.valkeyAddr,
      DARB_QUEUE_PREFIX: stack.prefix,
      DARB_AUTH_JWT_SECRET: stack.secret,
      DARB_AUTH_URL: stack.identity.url,
      DARB_WORKER_JOIN_TOKEN: stack.joinToken,
    };
    stack.port = await freePort();
    await stack.startService();
    stack.owner = await stack.identity.createUser(stack.database, 'owner');
    return stack;
  }

  /** Ends the service as SIGTERM would and starts it again at the same address. */
  async restartService(): Promise<void> {
    await this.app.close();
    await this.startService();
  }

  private async startService(): Promise<void> {
    this.app = await createTestApp({ ...jobsService, environment: this.environment });
    await this.app.listen(this.port, '127.0.0.1');
    this.url = `http://127.0.0.1:${this.port}`;
    this.database = this.app.get(DataSource);
  }

  async stop(): Promise<void> {
    for (const worker of this.workers) await worker.stop();
    await this.app.close();
    await this.identity.stop();
    await this.dropDatabase();
  }

  /** A worker that is here and does with each claim what the script says. */
  async addWorker(script: Script, slots = 1): Promise<ScriptedWorker> {
    const worker = new ScriptedWorker(this.url, this.joinToken, this.valkeyAddr, this.prefix, script);
    this.workers.push(worker);
    await worker.start(slots);
    return worker;
  }

  async addEnvironment(user: TestUser = this.owner): Promise<string> {
    const id = uuidv7();
    await this.database.query(
      `INSERT INTO environments.environments (id, name, organization_id, owner_id, package_manager)
       VALUES ($1, $2, $3, $4, 'uv')`,
      [id, `env-${id.slice(-12)}`, user.organizationId, user.userId],
    );
    return id;
  }

  async request(
    environmentId: string,
    change: Change = CREATE,
    user: TestUser = this.owner,
  ): Promise<string> {
    const { job } = await this.database.transaction((tx) =>
      requestJob(tx, {
        subject: { type: 'environment', id: environmentId },
        change,
        requester: { userId: user.userId },
      }),
    );
    return job.id;
  }

  fetch(path: string, init: RequestInit = {}, user: TestUser = this.owner): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      ...init,
      headers: { authorization: user.authorization, ...init.headers },
    });
  }

  async job(id: string): Promise<JobObject> {
    return (await (await this.fetch(`/api/v1/jobs/${id}`)).json()) as JobObject;
  }

  async jobInStatus(id: string, ...statuses: string[]): Promise<JobObject> {
    let job: JobObject | undefined;
    await waitFor(async () => statuses.includes((job = await this.job(id)).status), WAIT);
    return job!;
  }

  async environmentRow(id: string): Promise<Record<string, unknown>> {
    const [row] = await this.database.query(`SELECT * FROM environments.environments WHERE id = $1`, [id]);
    return row as Record<string, unknown>;
  }
}
