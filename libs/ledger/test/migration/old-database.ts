/** A database as the version before the engine left it, with an environment in every state that it could leave. */
import { ALL_MIGRATIONS } from '@darb/models/migrations';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';

export const STORE = uuidv7();
export const USER = uuidv7();
export const ORGANIZATION = uuidv7();

/** The migrations before the engine's. */
const OLD = ALL_MIGRATIONS.slice(
  0,
  ALL_MIGRATIONS.findIndex(({ name }) => name.startsWith('Engine')),
);

/** @param dsn of a database whose content may go. */
export async function openOld(dsn: string): Promise<DataSource> {
  const database = await new DataSource({
    type: 'postgres',
    url: dsn,
    migrations: OLD,
    migrationsTableName: 'darb_migrations',
  }).initialize();
  await database.query('DROP SCHEMA auth, environments, jobs CASCADE; DROP TABLE darb_migrations');
  await database.runMigrations();
  return database;
}

interface OldJob {
  type: string;
  status: string;
  arguments?: object;
  /** Commits this revision. */
  committed?: number;
  error?: object;
  seq?: number | null;
}

interface OldEnvironment {
  name: string;
  status: string;
  revision?: number;
  published?: number;
  lastError?: object;
  isDeleted?: boolean;
  /** Artifacts of the revisions, in their order. */
  artifacts?: string[];
  jobs: OldJob[];
}

export class OldDatabase {
  readonly environments = new Map<string, string>();
  readonly jobs: string[] = [];

  constructor(private readonly database: DataSource) {}

  private async insert(table: string, row: Record<string, unknown>): Promise<void> {
    const columns = Object.keys(row);
    const values = columns.map((_column, index) => `$${index + 1}`).join(', ');
    await this.database.query(
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${values})`,
      Object.values(row),
    );
  }

  async worker(): Promise<string> {
    const id = uuidv7();
    await this.insert('jobs.workers', {
      id,
      name: 'old',
      store_id: STORE,
      store_root: '/old',
      platform: 'linux-64',
      libc: 'glibc',
      managers: '[]',
      slots: 2,
      sandbox: '{}',
      version: '0',
    });
    return id;
  }

  /** One build of a digest; several of them could exist, of which one at most was ready or damaged. */
  async artifact(digest: string, state: string): Promise<string> {
    const id = uuidv7();
    const artifact = { id, pool: 'shared', digest, package_manager: 'uv', build_id: id.slice(-12), state };
    await this.insert('environments.artifacts', { ...artifact, size_bytes: 100, file_count: 3 });
    await this.insert('environments.artifact_copies', {
      artifact_id: id,
      store_id: STORE,
      store_root: '/old',
      path: `pools/shared/store/uv-${digest.slice(0, 4)}-${id.slice(-12)}`,
      state: state === 'damaged' ? 'ready' : state,
    });
    return id;
  }

  async environment(old: OldEnvironment): Promise<string> {
    const id = uuidv7();
    this.environments.set(old.name, id);
    await this.insert('environments.environments', {
      id,
      name: old.name,
      labels: '{"team": "x"}',
      organization_id: ORGANIZATION,
      owner_id: USER,
      package_manager: 'uv',
      python: '3.12',
      status: old.status,
      revision: old.revision ?? null,
      published_revision: old.published ?? null,
      last_seq: old.jobs.length,
      last_error: old.lastError ?? null,
      deleted_at: old.isDeleted ? new Date() : null,
    });
    for (const [index, job] of old.jobs.entries()) await this.job(id, job, index + 1, old.artifacts ?? []);
    return id;
  }

  private async job(environmentId: string, job: OldJob, seq: number, artifacts: string[]): Promise<void> {
    const id = uuidv7();
    this.jobs.push(id);
    const hasRun = job.status !== 'pending' && job.status !== 'cancelled';
    await this.insert('jobs.jobs', {
      id,
      type: job.type,
      status: job.status,
      environment_id: environmentId,
      organization_id: ORGANIZATION,
      environment_seq: job.seq === null ? null : seq,
      requested_by: USER,
      arguments: job.arguments ?? {},
      epoch: hasRun ? 1 : 0,
      worker_id: job.status === 'running' ? await this.worker() : null,
      error: job.error ?? null,
      result: job.status === 'completed' && job.committed ? { revision: job.committed } : null,
      committed_at: job.committed ? new Date() : null,
      committed_revision: job.committed ?? null,
      started_at: hasRun ? new Date() : null,
      finished_at: ['pending', 'running'].includes(job.status) ? null : new Date(),
    });
    if (hasRun) await this.claim(id, job.status);
    if (job.committed) {
      await this.revision(environmentId, id, job.committed, artifacts[job.committed - 1]!);
    } else if (job.status === 'running' && job.type !== 'delete') {
      const artifactId = await this.artifact('e'.repeat(64), 'building');
      const reference = { artifact_id: artifactId, kind: 'job', holder_id: id, number: 1 };
      await this.insert('environments.artifact_refs', reference);
    }
  }

  private async claim(jobId: string, status: string): Promise<void> {
    const isOpen = status === 'running';
    await this.insert('jobs.claims', {
      job_id: jobId,
      epoch: 1,
      worker_id: uuidv7(),
      delivery_id: uuidv7(),
      dispatch_no: 1,
      claim_answer: { epoch: 1, work_order: { lockfile: 'text' } },
      ended_at: isOpen ? null : new Date(),
      end_reason: isOpen ? null : status === 'completed' ? 'published' : status,
    });
  }

  private async revision(
    environmentId: string,
    jobId: string,
    number: number,
    artifactId: string,
  ): Promise<void> {
    await this.insert('environments.revisions', {
      environment_id: environmentId,
      number,
      job_id: jobId,
      manifest: `manifest ${number} “x”`,
      lockfile: 'one lockfile for all',
      digest: 'd',
      artifact_id: artifactId,
      reason: 'install',
      python_version: '3.12.1',
      size_bytes: 100,
      package_count: 1,
      created_by: USER,
      published_at: new Date(),
    });
    const reference = { artifact_id: artifactId, kind: 'revision', holder_id: environmentId, number };
    await this.insert('environments.artifact_refs', reference);
    const key = { environment_id: environmentId, number, kind: 'pypi', name: 'six', version: '1' };
    await this.insert('environments.revision_packages', { ...key, explicit: true });
  }
}
