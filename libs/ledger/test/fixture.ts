/** A migrated database with one user, and short ways to play the parts of requester, dispatcher and worker. */
import type {
  ArtifactAnswer,
  Change,
  ClaimAnswer,
  FinishAnswer,
  FinishRequest,
  HeartbeatRequest,
  JobError,
  JobResult,
  PublishedAnswer,
  RegisterWorkerRequest,
  Subject,
} from '@darb/models';
import type { Claim, Environment, Job } from '@darb/models/entities';
import { createTestDatabase } from '@darb/testing';
import { DataSource } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import {
  claimJob,
  dispatchPass,
  endWorker,
  finishJob,
  firstRow,
  forgottenJobs,
  loseOrphan,
  orphanedJobs,
  publishedJob,
  recordHeartbeat,
  registerWorker,
  releaseJob,
  requestCancel,
  requestJob,
  reserveArtifact,
  rows,
} from '../src/index.js';
import type { Dispatch, HeartbeatSignals, JobRequest, RequestedJob, RunningLimits } from '../src/index.js';

export const LIMITS = { timeout_seconds: 3600, idle_timeout_seconds: 600, log_limit_bytes: 1_000_000 };
export const UV = {
  type: 'uv' as const,
  available: true,
  version: '0.13.8',
  path: '/uv',
  reason: null,
  interpreters: [],
};

export interface EnvironmentColumns {
  python?: string | null;
  labels?: Record<string, string>;
  platforms?: string[];
}

/** In an order that foreign keys allow. */
const TABLES = [
  'jobs.log_chunks',
  'jobs.claims',
  'jobs.jobs',
  'jobs.lanes',
  'jobs.workers',
  'jobs.events',
  'auth.audit_events',
  'environments.revision_packages',
  'environments.revisions',
  'environments.environments',
  'environments.artifact_refs',
  'environments.artifact_copies',
  'environments.artifacts',
  'environments.documents',
  'environments.stores',
];

/** A create without packages. */
export const CREATE: Change = {
  type: 'create',
  python: null,
  packages: [],
  pypi_packages: [],
  manifest: null,
  lockfile: null,
};

export const SUCCESS: FinishRequest = {
  outcome: 'succeeded',
  error: null,
  manifest: '[project]',
  lockfile: 'version = 1',
  digest: null,
  packages: [],
  copy_id: null,
  inputs: { lockfile: 'tree lock' },
  size_bytes: 1000,
  file_count: 10,
  python_version: '3.12.1',
  tool_version: '0.13.8',
  timings: { solve: 5 },
  last_seq: 3,
  warnings: [],
  result: null,
};

/** An install of one package. */
export function install(name: string): Change {
  return { type: 'install', packages: [name], pypi_packages: [] };
}

export const NOT_FOUND: JobError = {
  code: 'package_not_found',
  family: 'user',
  message: 'There is no such package.',
  extract: null,
};

export const NETWORK: JobError = {
  code: 'network',
  family: 'operational',
  message: 'The index is away.',
  extract: null,
};

/** A claimed job: what its worker holds in its hands. */
export interface Run {
  dispatch: Dispatch;
  epoch: number;
  order: ClaimAnswer['work_order'];
}

export class LedgerFixture {
  readonly userId = uuidv7();
  readonly organizationId = uuidv7();

  private constructor(
    readonly database: DataSource,
    private readonly drop: () => Promise<void>,
  ) {}

  static async start(): Promise<LedgerFixture> {
    const { dsn, drop } = await createTestDatabase();
    // Whoever waits for a lock that nobody lets go of fails with its statement, instead of with the test's time.
    const extra = { statement_timeout: 30_000 };
    const database = await new DataSource({ type: 'postgres', url: dsn, extra }).initialize();
    return new LedgerFixture(database, drop);
  }

  async stop(): Promise<void> {
    await this.database.destroy();
    await this.drop();
  }

  tx<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    return this.database.transaction(work);
  }

  /** Empties every table that the ledger writes, so that each test has only its own rows. */
  async reset(): Promise<void> {
    // Not TRUNCATE, which makes new files for every table and index.
    await this.database.query(TABLES.map((table) => `DELETE FROM ${table}`).join(';'));
  }

  /** Ends every worker, so that each test has only its own. */
  async retireWorkers(): Promise<void> {
    await this.database.query('UPDATE jobs.workers SET ended_at = now() WHERE ended_at IS NULL');
  }

  async worker(slots = 2, storeId = uuidv7(), more: Partial<RegisterWorkerRequest> = {}): Promise<string> {
    const id = uuidv7();
    await registerWorker(this.database, id, {
      name: 'w',
      store: { id: storeId, root: '/store' },
      platform: 'linux-64',
      libc: 'glibc',
      managers: [UV],
      slots,
      labels: {},
      sandbox: { mode: 'off', reason: 'a test', limits: [] },
      version: '0',
      ...more,
    });
    // Nobody sends heartbeats here: a slow machine must not make it a silent one.
    await this.query(`UPDATE jobs.workers SET heartbeat_at = now() + interval '1 hour' WHERE id = $1`, [id]);
    return id;
  }

  async environment(
    name: string,
    owner = this.organizationId,
    change: Change = CREATE,
    more: EnvironmentColumns & Partial<JobRequest> = {},
  ): Promise<RequestedJob> {
    const id = uuidv7();
    const { python = null, labels = {}, platforms = [], ...request } = more;
    await this.database.query(
      `INSERT INTO environments.environments
         (id, name, organization_id, owner_id, package_manager, python, labels, platforms)
       VALUES ($1, $2, $3, $4, 'uv', $5, $6, $7)`,
      [id, name, owner, this.userId, python, labels, platforms],
    );
    return this.request(id, change, request);
  }

  /** An environment whose first revision is published. Needs a worker with a free slot and nothing else waiting. */
  async readyEnvironment(name: string, digest: string): Promise<string> {
    const { job } = await this.environment(name);
    await this.complete(digest);
    return job.subject_id;
  }

  request(environmentId: string, change: Change, more: Partial<JobRequest> = {}): Promise<RequestedJob> {
    return this.ask({ type: 'environment', id: environmentId }, change, more);
  }

  ask(subject: Subject, change: Change, more: Partial<JobRequest> = {}): Promise<RequestedJob> {
    return this.tx((tx) => requestJob(tx, { subject, change, requester: { userId: this.userId }, ...more }));
  }

  /** Lets a worker fall silent, and what it ran be found. */
  async lose(workerId: string): Promise<void> {
    await this.query(`UPDATE jobs.workers SET heartbeat_at = now() - interval '1 minute' WHERE id = $1`, [
      workerId,
    ]);
    await this.tx((tx) => endWorker(tx, workerId, 10));
    for (const orphan of await orphanedJobs(this.database)) await this.tx((tx) => loseOrphan(tx, orphan));
  }

  dispatch(limits?: RunningLimits): Promise<Dispatch[]> {
    return this.tx((tx) => dispatchPass(tx, limits));
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
  async start(): Promise<Run> {
    const [dispatch] = await this.dispatch();
    const { epoch, work_order: order } = await this.claim(dispatch!);
    return { dispatch: dispatch!, epoch, order };
  }

  /** Commits a running job with a tree of this digest; only publishing is left. */
  async commit({ dispatch, epoch }: Run, digest: string): Promise<FinishAnswer> {
    const { copy_id } = await this.reserve(dispatch, epoch, digest);
    return this.finish(dispatch, epoch, { copy_id, digest });
  }

  fail({ dispatch, epoch }: Run, error = NOT_FOUND): Promise<FinishAnswer> {
    return this.finish(dispatch, epoch, { outcome: 'failed', error });
  }

  release({ dispatch, epoch }: Run): Promise<void> {
    return this.tx((tx) => releaseJob(tx, dispatch.job_id, epoch, dispatch.worker_id));
  }

  cancel(jobId: string): Promise<{ job: Job; workerId: string | null }> {
    return this.tx((tx) => requestCancel(tx, jobId, { userId: this.userId }));
  }

  /** A heartbeat whose inventory are these runs. `forgotten`: what is to be lost by now on that worker. */
  async heartbeat(
    workerId: string,
    runs: readonly Pick<Run, 'dispatch' | 'epoch'>[] = [],
    more: Partial<HeartbeatRequest> = {},
  ): Promise<{ signals: HeartbeatSignals | null; forgotten: string[] }> {
    const jobs = runs.map(({ dispatch, epoch }) => ({ id: dispatch.job_id, epoch, progress: null }));
    const request = { jobs, draining: false, space: null, ...more };
    const signals = await this.tx((tx) => recordHeartbeat(tx, workerId, request));
    const forgotten = (await forgottenJobs(this.database)).filter((job) => job.workerId === workerId);
    return { signals, forgotten: forgotten.map(({ jobId }) => jobId) };
  }

  reserve(
    dispatch: Dispatch,
    epoch: number,
    digest: string,
    damagedCopyId?: string,
  ): Promise<ArtifactAnswer> {
    const request = { digest, ...(damagedCopyId === undefined ? {} : { damaged_copy_id: damagedCopyId }) };
    return this.tx((tx) => reserveArtifact(tx, dispatch.job_id, epoch, dispatch.worker_id, request));
  }

  finish(dispatch: Dispatch, epoch: number, request: Partial<FinishRequest>): Promise<FinishAnswer> {
    return this.tx((tx) =>
      finishJob(tx, dispatch.job_id, epoch, dispatch.worker_id, { ...SUCCESS, ...request }),
    );
  }

  published(dispatch: Dispatch, epoch: number, result: JobResult | null = null): Promise<PublishedAnswer> {
    return this.tx((tx) => publishedJob(tx, dispatch.job_id, epoch, dispatch.worker_id, result));
  }

  /** Runs the next job to its end with a tree of this digest. */
  async complete(digest: string): Promise<FinishAnswer> {
    const { dispatch, epoch } = await this.start();
    const { copy_id } = await this.reserve(dispatch, epoch, digest);
    const answer = await this.finish(dispatch, epoch, { copy_id, digest });
    await this.published(dispatch, epoch);
    return answer;
  }

  async job(id: string): Promise<Job> {
    return (await firstRow<Job>(this.database, 'SELECT * FROM jobs.jobs WHERE id = $1', [id]))!;
  }

  claims(jobId: string): Promise<Claim[]> {
    return this.query<Claim>('SELECT * FROM jobs.claims WHERE job_id = $1 ORDER BY epoch', [jobId]);
  }

  /** States of the copies of a digest, in alphabetical order. */
  async copyStates(digest: string): Promise<string[]> {
    const copies = await this.query<{ state: string }>(
      `SELECT c.state FROM environments.artifact_copies c JOIN environments.artifacts a ON a.id = c.artifact_id
       WHERE a.digest = $1 ORDER BY c.state`,
      [digest],
    );
    return copies.map(({ state }) => state);
  }

  async environmentStatus(id: string): Promise<string> {
    return (await this.environmentRow(id)).status;
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
