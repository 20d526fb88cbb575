import type { JobResult, StoreOrder } from '@darb/models';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { finishJob, treeOf } from '../../src/index.js';
import type { Queryable } from '../../src/index.js';
import { LedgerFixture, SUCCESS, digestOf, install } from '../fixture.js';
import type { Run } from '../fixture.js';

const STORE = uuidv7();
const store = { type: 'store' as const, id: STORE };
const WEEK = 7 * 86_400;

let fixture: LedgerFixture;
beforeAll(async () => {
  fixture = await LedgerFixture.start();
});
afterAll(() => fixture.stop());
beforeEach(async () => {
  await fixture.reset();
  await fixture.worker(4, STORE);
});

const orderOf = (run: Run): StoreOrder => run.order as StoreOrder;
const treesOf = (run: Run): string[] => orderOf(run).trees.map(({ copy_id }) => copy_id);
const complete = (run: Run, result: JobResult) =>
  fixture.finish(run.dispatch, run.epoch, { manifest: null, lockfile: null, result });
const copyOf = async (digest: string, state = 'ready') =>
  (
    await fixture.query<{ id: string; path: string }>(
      `SELECT c.id, c.path FROM environments.artifact_copies c JOIN environments.artifacts a ON a.id = c.artifact_id
       WHERE a.digest = $1 AND c.state = $2`,
      [digest, state],
    )
  )[0]!;
/** Lets every copy look as if nobody had used it for so long. */
const age = (seconds = WEEK + 1) =>
  fixture.query('UPDATE environments.artifact_copies SET used_at = used_at - make_interval(secs => $1)', [
    seconds,
  ]);

async function ask(type: 'verify' | 'repair'): Promise<Run> {
  await fixture.ask(store, { type });
  return fixture.start();
}

async function collect(dryRun = false): Promise<Run> {
  await fixture.ask(store, { type: 'collect', dry_run: dryRun });
  return fixture.start();
}

describe('work on a store', () => {
  it('needs no environment, belongs to nobody, and runs one after the other', async () => {
    const verify = await fixture.ask(store, { type: 'verify' }, { requester: { userId: null } });
    expect(verify.job).toMatchObject({
      subject_type: 'store',
      subject_name: '/store',
      organization_id: null,
      requested_by: null,
      lane: `store:${STORE}`,
      store_id: STORE,
    });
    const collection = await fixture.ask(store, { type: 'collect', dry_run: false });
    expect(collection.job.waiting_for).toBe('earlier work on this store');
    expect(await fixture.dispatch()).toHaveLength(1);
  });

  it('that is asked for while the same waits already is one job', async () => {
    const first = await fixture.ask(store, { type: 'collect', dry_run: true });
    expect((await fixture.ask(store, { type: 'collect', dry_run: true })).job.id).toBe(first.job.id);
    expect((await fixture.ask(store, { type: 'collect', dry_run: false })).job.id).not.toBe(first.job.id);
  });
});

describe('verify', () => {
  it('looks at every ready tree and at every link', async () => {
    const environmentId = await fixture.readyEnvironment('linked', digestOf('a'));
    const copy = await copyOf(digestOf('a'));
    const run = await ask('verify');
    expect(orderOf(run)).toMatchObject({
      trees: [{ copy_id: copy.id, path: copy.path }],
      links: [{ environment_id: environmentId, revision: 1, path: copy.path }],
    });
  });

  it('marks what is not whole; its environments stay ready, without a path, and people hear of it', async () => {
    const environmentId = await fixture.readyEnvironment('hurt', digestOf('b'));
    const copy = await copyOf(digestOf('b'));
    const run = await ask('verify');
    await complete(run, { damaged_copy_ids: [copy.id], looked_at: 1 });
    expect(await fixture.copyStates(digestOf('b'))).toEqual(['damaged']);
    expect((await fixture.job(run.dispatch.job_id)).result).toEqual({ damaged: 1, looked_at: 1 });
    const [event] = await fixture.query<{ status: string; path: string | null }>(
      `SELECT data->>'status' AS status, data->>'path' AS path FROM jobs.events
       WHERE resource_id = $1 ORDER BY id DESC LIMIT 1`,
      [environmentId],
    );
    expect(event).toEqual({ status: 'ready', path: null });
  });

  it('writes no status that is over when an environment moves at the same moment', async () => {
    const environmentId = await fixture.readyEnvironment('moving', digestOf('c'));
    const copy = await copyOf(digestOf('c'));
    const verify = await ask('verify');
    await fixture.request(environmentId, install('six'));
    // Somebody else's moves, each right after a look at the environment, whose lane a store's job does not hold.
    let change: Run | undefined;
    let isPublished = false;
    const query = async (tx: Queryable, sql: string, parameters?: never): Promise<unknown> => {
      const answer: unknown = await tx.query(sql, parameters);
      if (sql.includes('active_job_id')) change ??= await fixture.start();
      if (sql.includes('is_changing') && change && !isPublished) {
        isPublished = true;
        await fixture.commit(change, digestOf('d'));
        await fixture.published(change.dispatch, change.epoch);
      }
      return answer;
    };
    const { job_id, worker_id } = verify.dispatch;
    const report = { ...SUCCESS, result: { damaged_copy_ids: [copy.id] } };
    await fixture.tx((tx) =>
      finishJob(
        { query: (sql, parameters) => query(tx, sql, parameters as never) as never },
        job_id,
        verify.epoch,
        worker_id,
        report,
      ),
    );
    expect(isPublished).toBe(true);
    expect(await fixture.environmentStatus(environmentId)).toBe('ready');
  });

  it('marks nothing in another store, and nothing twice', async () => {
    await fixture.readyEnvironment('here', digestOf('c'));
    const copy = await copyOf(digestOf('c'));
    await fixture.retireWorkers();
    const other = uuidv7();
    await fixture.worker(1, other);
    await fixture.ask({ type: 'store', id: other }, { type: 'verify' });
    const run = await fixture.start();
    await complete(run, { damaged_copy_ids: [copy.id, uuidv7()] });
    expect(await fixture.copyStates(digestOf('c'))).toEqual(['ready']);
    expect((await fixture.job(run.dispatch.job_id)).result).toEqual({ damaged: 0 });
  });
});

describe('repair', () => {
  it('builds needed trees again from what they were built from, and the environment has its path back', async () => {
    const environmentId = await fixture.readyEnvironment('mended', digestOf('d'));
    const old = await copyOf(digestOf('d'));
    await complete(await ask('verify'), { damaged_copy_ids: [old.id] });
    const run = await ask('repair');
    expect(treesOf(run)).toEqual([old.id]);
    const tree = await treeOf(fixture.database, old.id, STORE);
    expect(tree).toEqual({
      package_manager: 'uv',
      digest: digestOf('d'),
      inputs: { lockfile: 'tree lock' },
    });
    expect(await treeOf(fixture.database, old.id, uuidv7())).toBeUndefined();
    const built = await fixture.reserve(run.dispatch, run.epoch, tree!.digest);
    expect(built.state).toBe('build');
    await complete(run, { rebuilt_copy_ids: [built.copy_id] });
    expect(await fixture.copyStates(digestOf('d'))).toEqual(['damaged', 'ready']);
    expect((await fixture.job(run.dispatch.job_id)).result).toEqual({ rebuilt: 1 });
    const [event] = await fixture.query<{ path: string }>(
      `SELECT data->>'path' AS path FROM jobs.events WHERE resource_id = $1 ORDER BY id DESC LIMIT 1`,
      [environmentId],
    );
    expect(event!.path).toBe(`/store/${built.path}`);
  });

  it('that fails keeps what was damaged, and lets go of what it was building', async () => {
    await fixture.readyEnvironment('unmended', digestOf('e'));
    await complete(await ask('verify'), { damaged_copy_ids: [(await copyOf(digestOf('e'))).id] });
    const run = await ask('repair');
    await fixture.reserve(run.dispatch, run.epoch, digestOf('e'));
    await fixture.fail(run);
    expect(await fixture.copyStates(digestOf('e'))).toEqual(['damaged', 'deleting']);
  });

  it('leaves alone what no revision needs', async () => {
    const environmentId = await fixture.readyEnvironment('deleted', digestOf('f'));
    await complete(await ask('verify'), { damaged_copy_ids: [(await copyOf(digestOf('f'))).id] });
    await deleteEnvironment(environmentId);
    expect(treesOf(await ask('repair'))).toEqual([]);
  });
});

describe('collect', () => {
  it('removes what nothing needs, once it is old enough, and forgets it when it is gone', async () => {
    const environmentId = await fixture.readyEnvironment('gone', digestOf('1'));
    await fixture.readyEnvironment('stays', digestOf('2'));
    const unused = await copyOf(digestOf('1'));
    await deleteEnvironment(environmentId);
    const early = await collect();
    expect(treesOf(early)).toEqual([]);
    await complete(early, {});
    await fixture.published(early.dispatch, early.epoch, {});
    await age();
    const run = await collect();
    expect(orderOf(run).trees).toEqual([{ copy_id: unused.id, path: unused.path }]);
    expect(orderOf(run).known_paths).toHaveLength(2);
    await complete(run, {});
    await fixture.published(run.dispatch, run.epoch, { deleted_copy_ids: [unused.id], deleted_bytes: 7 });
    expect(await fixture.copyStates(digestOf('1'))).toEqual([]);
    expect(await fixture.copyStates(digestOf('2'))).toEqual(['ready']);
    expect((await fixture.job(run.dispatch.job_id)).result).toEqual({ trees: 1, deleted_bytes: 7 });
  });

  it('says in a dry run what would go, and changes nothing', async () => {
    const environmentId = await fixture.readyEnvironment('would-go', digestOf('3'));
    await deleteEnvironment(environmentId);
    await age();
    const copy = await copyOf(digestOf('3'));
    const run = await collect(true);
    expect(treesOf(run)).toEqual([copy.id]);
    expect(await complete(run, { trees: 1, bytes: 5 })).toMatchObject({ state: 'done', status: 'completed' });
    expect(await fixture.copyStates(digestOf('3'))).toEqual(['ready']);
    expect((await fixture.job(run.dispatch.job_id)).result).toEqual({ trees: 1, bytes: 5 });
  });

  it('takes copies of builds that failed at once, and does it again when the worker died', async () => {
    await fixture.environment('fails');
    const failing = await fixture.start();
    const { copy_id } = await fixture.reserve(failing.dispatch, failing.epoch, digestOf('4'));
    await fixture.fail(failing);
    const first = await collect();
    expect(treesOf(first)).toEqual([copy_id]);
    await fixture.lose(first.dispatch.worker_id);
    await fixture.worker(4, STORE);
    const second = await fixture.start();
    expect(treesOf(second)).toEqual([copy_id]);
  });

  it('keeps what a revision needs, however old, also one that is not published', async () => {
    const environmentId = await fixture.readyEnvironment('two-revisions', digestOf('5'));
    await fixture.request(environmentId, install('six'));
    await fixture.complete(digestOf('6'));
    await age();
    expect(treesOf(await collect())).toEqual([]);
    expect(await fixture.copyStates(digestOf('5'))).toEqual(['ready']);
  });

  it('keeps what a running job holds, however old', async () => {
    const environmentId = await fixture.readyEnvironment('lender', digestOf('7'));
    await fixture.environment('borrower');
    const borrower = await fixture.start();
    await fixture.reserve(borrower.dispatch, borrower.epoch, digestOf('7'));
    await fixture.environment('builder');
    const builder = await fixture.start();
    await fixture.reserve(builder.dispatch, builder.epoch, digestOf('8'));
    await deleteEnvironment(environmentId);
    await age();
    expect(treesOf(await collect())).toEqual([]);
  });

  it('takes a damaged copy once another one has taken its place, not before', async () => {
    await fixture.readyEnvironment('healed', digestOf('9'));
    const old = await copyOf(digestOf('9'));
    await complete(await ask('verify'), { damaged_copy_ids: [old.id] });
    await age();
    const early = await collect();
    expect(treesOf(early)).toEqual([]);
    await complete(early, {});
    await fixture.published(early.dispatch, early.epoch, {});
    const repair = await ask('repair');
    const built = await fixture.reserve(repair.dispatch, repair.epoch, digestOf('9'));
    await complete(repair, { rebuilt_copy_ids: [built.copy_id] });
    await age();
    expect(treesOf(await collect())).toEqual([old.id]);
  });

  it('forgets only what it was given to delete', async () => {
    await fixture.readyEnvironment('safe', digestOf('0'));
    const copy = await copyOf(digestOf('0'));
    const run = await collect();
    await complete(run, {});
    await fixture.published(run.dispatch, run.epoch, { deleted_copy_ids: [copy.id] });
    expect(await fixture.copyStates(digestOf('0'))).toEqual(['ready']);
    expect((await fixture.job(run.dispatch.job_id)).result).toEqual({ trees: 0 });
  });
});

async function deleteEnvironment(id: string): Promise<void> {
  await fixture.request(id, { type: 'delete' });
  const { dispatch, epoch } = await fixture.start();
  await fixture.finish(dispatch, epoch, { manifest: null, lockfile: null });
  await fixture.published(dispatch, epoch);
}
