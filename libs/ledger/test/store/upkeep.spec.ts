import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dueStoreWork, sweepRows } from '../../src/index.js';
import type { RowRetention } from '../../src/index.js';
import { CREATE, LedgerFixture, digestOf, install } from '../fixture.js';

const STORE = uuidv7();
const store = { type: 'store' as const, id: STORE };
const HOUR = 3600;
const INTERVALS = { collectSeconds: HOUR, verifySeconds: 24 * HOUR, repairSeconds: HOUR };
const RETENTION: RowRetention = { claimSeconds: HOUR, workerSeconds: HOUR, documentSeconds: HOUR };

let fixture: LedgerFixture;
beforeAll(async () => {
  fixture = await LedgerFixture.start();
});
afterAll(() => fixture.stop());
beforeEach(() => fixture.reset());

const due = () => dueStoreWork(fixture.database, INTERVALS);
const sweep = (isDryRun = false) => fixture.tx((tx) => sweepRows(tx, RETENTION, isDryRun));

describe('work that is due', () => {
  const born = (hours: number) =>
    fixture.query('UPDATE environments.stores SET created_at = now() - make_interval(hours => $1)', [hours]);

  it('is none on a new store, then collection, and verification once a day', async () => {
    await fixture.worker(1, STORE);
    expect(await due()).toEqual([]);
    await born(2);
    expect(await due()).toEqual([{ storeId: STORE, type: 'collect' }]);
    await born(25);
    expect(await due()).toEqual([{ storeId: STORE, type: 'verify' }]);
  });

  it('is none where no worker lives or work is on already', async () => {
    await fixture.worker(1, STORE);
    await born(2);
    await fixture.ask(store, { type: 'verify' });
    expect(await due()).toEqual([]);
    await fixture.query(`UPDATE jobs.jobs SET status = 'cancelled'`);
    await fixture.retireWorkers();
    expect(await due()).toEqual([]);
  });

  it('begins with a repair where a revision has lost its tree, but not again at once', async () => {
    await fixture.worker(1, STORE);
    await born(2);
    await fixture.readyEnvironment('hurt', digestOf('a'));
    await fixture.query(`UPDATE environments.artifact_copies SET state = 'damaged'`);
    expect(await due()).toEqual([{ storeId: STORE, type: 'repair' }]);
    await fixture.ask(store, { type: 'repair' });
    await fixture.fail(await fixture.start());
    expect(await due()).toEqual([{ storeId: STORE, type: 'collect' }]);
  });

  it('is over once it was done, also when it failed', async () => {
    await fixture.worker(1, STORE);
    await born(2);
    await fixture.ask(store, { type: 'collect', dry_run: false });
    await fixture.fail(await fixture.start());
    expect(await due()).toEqual([]);
  });
});

describe('rows that only history needs', () => {
  const age = (table: string, column: string) =>
    fixture.query(`UPDATE ${table} SET ${column} = ${column} - interval '1 year'`);

  it('are claims without a log, ended workers, and texts that nothing needs', async () => {
    await fixture.worker(1, STORE);
    const environmentId = await fixture.readyEnvironment('old', digestOf('b'));
    const change = { type: 'apply' as const, manifest: 'dropped text', lockfile: null };
    const dropped = await fixture.request(environmentId, change);
    await fixture.cancel(dropped.job.id);
    await fixture.retireWorkers();
    expect(await sweep()).toEqual({ claims: 0, workers: 0, documents: 0 });
    await age('jobs.claims', 'ended_at');
    await age('jobs.workers', 'ended_at');
    await age('environments.documents', 'referenced_at');
    expect(await sweep(true)).toEqual({ claims: 1, workers: 1, documents: 1 });
    expect(await sweep()).toEqual({ claims: 1, workers: 1, documents: 1 });
    expect(await sweep()).toEqual({ claims: 0, workers: 0, documents: 0 });
    const left = await fixture.query<{ content: string }>('SELECT content FROM environments.documents');
    expect(left.map(({ content }) => content).sort()).toEqual(['[project]', 'tree lock', 'version = 1']);
  });

  it('are not claims whose log is kept, nor workers that still have a job', async () => {
    const workerId = await fixture.worker(1, STORE);
    await fixture.environment('logged');
    const run = await fixture.start();
    await fixture.query(
      `INSERT INTO jobs.log_chunks (job_id, epoch, first_seq, last_seq, line_count, text_bytes, data)
       VALUES ($1, $2, 1, 1, 1, 1, '')`,
      [run.dispatch.job_id, run.epoch],
    );
    await fixture.fail(run);
    await fixture.environment('held');
    await fixture.dispatch();
    await fixture.retireWorkers();
    await age('jobs.claims', 'ended_at');
    await age('jobs.workers', 'ended_at');
    expect(await sweep()).toMatchObject({ claims: 0, workers: 0 });
    expect(await fixture.query('SELECT id FROM jobs.workers')).toEqual([{ id: workerId }]);
  });

  it('are not texts that a waiting job needs, also inside of a plan', async () => {
    const change = { ...CREATE, type: 'create' as const, manifest: 'of a create', lockfile: 'its lock' };
    const { job } = await fixture.environment('waits', fixture.organizationId, change as typeof CREATE);
    await fixture.request(job.subject_id, {
      type: 'plan',
      change: { type: 'apply', manifest: 'of a plan', lockfile: 'lock of a plan' },
    });
    await age('environments.documents', 'referenced_at');
    expect((await sweep()).documents).toBe(0);
    await fixture.query(`UPDATE jobs.jobs SET status = 'cancelled'`);
    expect((await sweep()).documents).toBe(4);
  });

  it('are not texts that are referred to again while they are swept', async () => {
    const { job } = await fixture.environment('again', fixture.organizationId, {
      type: 'apply',
      manifest: 'wanted again',
      lockfile: null,
    });
    await fixture.cancel(job.id);
    await age('environments.documents', 'referenced_at');
    await fixture.tx(async (tx) => {
      await tx.query('UPDATE environments.documents SET referenced_at = now()');
      expect((await sweep()).documents).toBe(0);
    });
    await fixture.request(job.subject_id, install('six'));
    expect((await sweep()).documents).toBe(0);
  });
});
