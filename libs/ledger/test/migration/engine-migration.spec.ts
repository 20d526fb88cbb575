/** What people had before the engine is what they see after it. */
import { createHash } from 'node:crypto';
import { environmentStatus } from '@darb/models';
import type { Environment, Job } from '@darb/models/entities';
import { migrate, schemaDrift } from '@darb/models/migrations';
import { createTestDatabase } from '@darb/testing';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENVIRONMENT_VIEW, requestJob, rows, toEnvironmentObject, toJobObject } from '../../src/index.js';
import type { EnvironmentObject, EnvironmentViewRow, JobObject } from '../../src/index.js';
import { factsOf } from '../../src/environment/view.js';
import { install } from '../fixture.js';
import { OldDatabase, openOld, STORE, USER } from './old-database.js';

const OLD_ENVIRONMENTS = `
  SELECT e.id, e.name, e.status, e.labels, e.last_error, e.published_revision AS revision, r.package_count,
    r.size_bytes::int AS size_bytes, copy.path, active.id AS active_job_id
  FROM environments.environments e
  LEFT JOIN environments.revisions r ON r.environment_id = e.id AND r.number = e.published_revision
  LEFT JOIN LATERAL (
    SELECT c.store_root || '/' || c.path AS path FROM environments.artifact_copies c
    JOIN environments.artifacts a ON a.id = c.artifact_id AND a.state = 'ready'
    WHERE c.artifact_id = r.artifact_id AND c.state = 'ready' LIMIT 1
  ) copy ON true
  LEFT JOIN LATERAL (
    SELECT j.id FROM jobs.jobs j WHERE j.environment_id = e.id AND j.status IN ('pending', 'running')
      AND j.environment_seq IS NOT NULL ORDER BY j.environment_seq LIMIT 1
  ) active ON true ORDER BY e.id`;

const OLD_JOBS = `
  SELECT id, type, status, environment_id, requested_by, error,
    CASE WHEN status = 'completed' THEN result END AS result,
    coalesce(arguments->'packages', '[]') || coalesce(arguments->'pypi_packages', '[]') AS packages
  FROM jobs.jobs ORDER BY id`;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const FAILED = { code: 'package_not_found', message: 'no' };
const ERROR = { ...FAILED, family: 'user', extract: null };
const created = { type: 'create', status: 'completed', committed: 1, arguments: { packages: ['six'] } };

let drop: () => Promise<void>;
let dsn: string;
let database: DataSource;
let old: OldDatabase;
let before: { environments: Partial<EnvironmentObject>[]; jobs: Partial<JobObject>[] };

async function fill(): Promise<void> {
  const kept = await old.artifact('a'.repeat(64), 'ready');
  await old.artifact('a'.repeat(64), 'deleting');
  await old.artifact('a'.repeat(64), 'building');
  const second = await old.artifact('b'.repeat(64), 'ready');
  const damaged = await old.artifact('c'.repeat(64), 'damaged');
  const two = { revision: 2, published: 2, artifacts: [kept, second] };
  const install2 = {
    type: 'install',
    status: 'completed',
    committed: 2,
    arguments: { packages: ['rich>=1'] },
  };
  const one = { revision: 1, published: 1, artifacts: [kept] };
  await old.environment({ name: 'ready', status: 'ready', ...two, jobs: [created, install2] });
  await old.environment({ name: 'damaged', status: 'ready', ...one, artifacts: [damaged], jobs: [created] });
  await old.environment({
    name: 'failed',
    status: 'failed',
    lastError: FAILED,
    jobs: [{ type: 'create', status: 'failed', error: ERROR, arguments: { packages: ['nope'] } }],
  });
  const texts = { python: '3.12', manifest: 'given', lockfile: 'with a lock' };
  await old.environment({
    name: 'pending',
    status: 'pending',
    jobs: [{ type: 'create', status: 'pending', arguments: texts }],
  });
  await old.environment({
    name: 'creating',
    status: 'creating',
    jobs: [{ type: 'create', status: 'running' }],
  });
  await old.environment({
    name: 'updating',
    status: 'updating',
    ...one,
    jobs: [
      created,
      { type: 'update', status: 'running', arguments: { packages: ['six'] } },
      { type: 'remove', status: 'pending', arguments: { packages: ['six'] } },
      { type: 'update', status: 'cancelled', error: ERROR },
    ],
  });
  await old.environment({
    name: 'deleting',
    status: 'deleting',
    ...one,
    jobs: [created, { type: 'delete', status: 'running' }],
  });
  await old.environment({
    name: 'deleted',
    status: 'deleted',
    isDeleted: true,
    ...one,
    jobs: [created, { type: 'delete', status: 'completed' }],
  });
  // Issue 6, seen to fail 1: each left failed by a waiting change that was cancelled.
  const cancelled = { type: 'install', status: 'cancelled', error: ERROR };
  await old.environment({ name: 'broken', status: 'failed', ...one, jobs: [created, cancelled] });
  await old.environment({
    name: 'publishing',
    status: 'failed',
    revision: 1,
    artifacts: [kept],
    jobs: [{ ...created, status: 'running' }, cancelled],
  });
  await old.environment({
    name: 'unpublished',
    status: 'failed',
    revision: 1,
    artifacts: [kept],
    jobs: [{ ...created, status: 'pending' }, cancelled],
  });
}

beforeAll(async () => {
  ({ dsn, drop } = await createTestDatabase());
  const source = await openOld(dsn);
  old = new OldDatabase(source);
  await fill();
  before = { environments: await source.query(OLD_ENVIRONMENTS), jobs: await source.query(OLD_JOBS) };
  await source.destroy();
  await migrate(dsn);
  database = await new DataSource({ type: 'postgres', url: dsn }).initialize();
}, 60_000);
afterAll(async () => {
  await database?.destroy();
  await drop();
});

const environmentOf = async (name: string): Promise<EnvironmentObject> => {
  const [row] = await rows<EnvironmentViewRow>(database, `${ENVIRONMENT_VIEW} WHERE e.id = $1`, [
    old.environments.get(name),
  ]);
  return toEnvironmentObject(row!);
};

describe('a database of the version before the engine', () => {
  it('has exactly the tables of the entities after it was migrated', async () => {
    expect(await schemaDrift(dsn)).toEqual([]);
  });

  it('shows the same environments, but for those that a cancelled change had left failed', async () => {
    const repaired: Record<string, string> = {
      broken: 'ready',
      publishing: 'creating',
      unpublished: 'pending',
    };
    for (const environment of before.environments) {
      const status = repaired[environment.name!] ?? environment.status;
      expect(await environmentOf(environment.name!), environment.name).toMatchObject({
        ...environment,
        status,
      });
    }
    expect(before.environments).toHaveLength(11);
  });

  it('has statuses that follow from the rows, so that nothing is stuck', async () => {
    const environments = await rows<Environment & { is_deleting: boolean; is_changing: boolean }>(
      database,
      `SELECT e.*, coalesce(bool_or(j.type = 'delete'), false) AS is_deleting,
         coalesce(bool_or(j.type <> 'delete' AND j.status = 'running'), false) AS is_changing
       FROM environments.environments e
       LEFT JOIN jobs.jobs j ON j.lane = 'environment:' || e.id AND j.status IN ('pending', 'running') GROUP BY e.id`,
    );
    for (const environment of environments) {
      expect(environment.status, environment.name).toBe(environmentStatus(factsOf(environment, environment)));
    }
  });

  it('shows the same jobs', async () => {
    const jobs = await rows<Job>(database, 'SELECT * FROM jobs.jobs ORDER BY id');
    expect(jobs.map(toJobObject)).toMatchObject(before.jobs);
  });

  it('keeps every text once, and jobs and revisions refer to it', async () => {
    const documents = await rows<{ sha256: string; content: string }>(
      database,
      'SELECT sha256, content FROM environments.documents',
    );
    const expected = ['manifest 1 “x”', 'manifest 2 “x”', 'one lockfile for all', 'given', 'with a lock'];
    expect(documents.map(({ content }) => content).sort()).toEqual(expected.sort());
    for (const document of documents) expect(document.sha256).toBe(sha256(document.content));
    const [create] = await rows<Job>(database, 'SELECT * FROM jobs.jobs WHERE subject_id = $1', [
      old.environments.get('pending'),
    ]);
    expect(create!.change).toEqual({
      type: 'create',
      python: '3.12',
      packages: [],
      pypi_packages: [],
      manifest: { sha256: sha256('given') },
      lockfile: { sha256: sha256('with a lock') },
    });
  });

  it('has one identity of a digest, whose builds became copies in their states', async () => {
    const copies = await rows<{ digest: string; states: string[] }>(
      database,
      `SELECT left(a.digest, 1) AS digest, array_agg(c.state ORDER BY c.state) AS states
       FROM environments.artifacts a JOIN environments.artifact_copies c ON c.artifact_id = a.id
       GROUP BY a.id ORDER BY 1`,
    );
    expect(copies).toEqual([
      { digest: 'a', states: ['building', 'deleting', 'ready'] },
      { digest: 'b', states: ['ready'] },
      { digest: 'c', states: ['damaged'] },
      { digest: 'e', states: ['building', 'building'] },
    ]);
    const held = await rows(
      database,
      `SELECT 1 FROM environments.artifact_refs WHERE kind = 'job' AND copy_id IS NOT NULL`,
    );
    expect(held).toHaveLength(2);
  });

  it('goes on: lanes count from where they were, and jobs go to the store of their environment', async () => {
    const id = old.environments.get('updating')!;
    const subject = { type: 'environment' as const, id };
    const { job } = await database.transaction((tx) =>
      requestJob(tx, { subject, change: install('six'), requester: { userId: USER } }),
    );
    expect(job).toMatchObject({ lane_seq: '5', store_id: STORE });
    const waiting = await rows<{ store_id: string }>(
      database,
      `SELECT store_id FROM jobs.jobs WHERE subject_id = $1 AND status IN ('pending', 'running')`,
      [id],
    );
    expect(waiting).toEqual(Array.from({ length: 3 }, () => ({ store_id: STORE })));
    for (const name of ['publishing', 'unpublished', 'failed', 'broken']) {
      const other = { type: 'environment' as const, id: old.environments.get(name)! };
      const request = { subject: other, change: install('six'), requester: { userId: USER } };
      await database.transaction((tx) => requestJob(tx, request));
    }
  });
});
