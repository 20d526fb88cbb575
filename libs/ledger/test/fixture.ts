/** A migrated database with one user, and short ways to play the parts of requester, dispatcher and worker. */
import type {
  ArtifactAnswer,
  ClaimAnswer,
  FinishAnswer,
  FinishRequest,
  JobArguments,
  JobType,
} from '@darb/models';
import type { Environment, Job } from '@darb/models/entities';
import { createTestDatabase } from '@darb/testing';
import { DataSource } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import {
  claimJob,
  dispatchPass,
  finishJob,
  firstRow,
  publishedJob,
  requestJob,
  reserveArtifact,
  rows,
} from '../src/index.js';
import type { Dispatch, RequestedJob } from '../src/index.js';

const LIMITS = { timeout_seconds: 3600, log_limit_bytes: 1_000_000 };

export const SUCCESS: FinishRequest = {
  outcome: 'succeeded',
  error: null,
  manifest: '[project]',
  lockfile: 'version = 1',
  digest: null,
  packages: [],
  artifact_id: null,
  size_bytes: 1000,
  file_count: 10,
  python_version: '3.12.1',
  tool_version: '0.13.8',
  timings: { solve: 5 },
  last_seq: 3,
};

export class LedgerFixture {
  readonly userId = uuidv7();
  readonly organizationId = uuidv7();

  private constructor(
    readonly database: DataSource,
    private readonly drop: () => Promise<void>,
  ) {}

  static async start(): Promise<LedgerFixture> {
    const { dsn, drop } = await createTestDatabase();
    const database = await new DataSource({ type: 'postgres', url: dsn }).initialize();
    return new LedgerFixture(database, drop);
  }

  async stop(): Promise<void> {
    await this.database.destroy();
    await this.drop();
  }

  tx<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    return this.database.transaction(work);
  }

  /** Ends every worker, so that each test has only its own. */
  async retireWorkers(): Promise<void> {
    await this.database.query('UPDATE jobs.workers SET ended_at = now() WHERE ended_at IS NULL');
  }

  async worker(slots = 2, storeId = uuidv7()): Promise<string> {
    const id = uuidv7();
    await this.database.query(
      `INSERT INTO jobs.workers (id, name, store_id, store_root, platform, libc, managers, slots, sandbox, version)
       VALUES ($1, 'w', $2, '/store', 'linux-64', 'glibc', $3, $4, '{}', '0')`,
      [id, storeId, JSON.stringify([{ type: 'uv', available: true, interpreters: [] }]), slots],
    );
    return id;
  }

  async environment(name: string, owner = this.organizationId): Promise<RequestedJob> {
    const id = uuidv7();
    await this.database.query(
      `INSERT INTO environments.environments (id, name, organization_id, owner_id, package_manager)
       VALUES ($1, $2, $3, $4, 'uv')`,
      [id, name, owner, this.userId],
    );
    return this.request(id, 'create');
  }

  request(environmentId: string, type: JobType, jobArguments: JobArguments = {}): Promise<RequestedJob> {
    return this.tx((tx) =>
      requestJob(tx, { type, environmentId, requester: { userId: this.userId }, arguments: jobArguments }),
    );
  }

  dispatch(): Promise<Dispatch[]> {
    return this.tx(dispatchPass);
  }

  async claim(dispatch: Dispatch, deliveryId = uuidv7()): Promise<ClaimAnswer> {
    const outcome = await this.tx((tx) =>
      claimJob(
        tx,
        dispatch.job_id,
        { worker_id: dispatch.worker_id, delivery_id: deliveryId, dispatch_no: dispatch.dispatch_no },
        LIMITS,
      ),
    );
    if ('refused' in outcome) throw outcome.refused;
    return outcome.claimed;
  }

  /** Dispatches and claims one job, which must be the only one that can run. */
  async start(): Promise<{ dispatch: Dispatch; epoch: number; order: ClaimAnswer['work_order'] }> {
    const [dispatch] = await this.dispatch();
    const { epoch, work_order: order } = await this.claim(dispatch!);
    return { dispatch: dispatch!, epoch, order };
  }

  reserve(dispatch: Dispatch, epoch: number, digest: string): Promise<ArtifactAnswer> {
    return this.tx((tx) => reserveArtifact(tx, dispatch.job_id, epoch, dispatch.worker_id, digest));
  }

  finish(dispatch: Dispatch, epoch: number, request: Partial<FinishRequest>): Promise<FinishAnswer> {
    return this.tx((tx) =>
      finishJob(tx, dispatch.job_id, epoch, dispatch.worker_id, { ...SUCCESS, ...request }),
    );
  }

  published(dispatch: Dispatch, epoch: number) {
    return this.tx((tx) => publishedJob(tx, dispatch.job_id, epoch, dispatch.worker_id));
  }

  /** Runs the next job to its end with a tree of this digest. */
  async complete(digest: string): Promise<FinishAnswer> {
    const { dispatch, epoch } = await this.start();
    const { artifact_id } = await this.reserve(dispatch, epoch, digest);
    const answer = await this.finish(dispatch, epoch, { artifact_id, digest });
    await this.published(dispatch, epoch);
    return answer;
  }

  async job(id: string): Promise<Job> {
    return (await firstRow<Job>(this.database, 'SELECT * FROM jobs.jobs WHERE id = $1', [id]))!;
  }

  async environmentRow(id: string): Promise<Environment> {
    return (await firstRow<Environment>(
      this.database,
      'SELECT * FROM environments.environments WHERE id = $1',
      [id],
    ))!;
  }

  query<T>(sql: string, parameters: unknown[] = []): Promise<T[]> {
    return rows<T>(this.database, sql, parameters);
  }
}

export function digestOf(character: string): string {
  return character.repeat(64);
}
