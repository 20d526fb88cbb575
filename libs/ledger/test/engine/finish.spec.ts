import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NETWORK, NOT_FOUND, LedgerFixture, digestOf, install } from '../fixture.js';
import type { Run } from '../fixture.js';

let fixture: LedgerFixture;
beforeAll(async () => {
  fixture = await LedgerFixture.start();
});
afterAll(() => fixture.stop());
beforeEach(() => fixture.reset());

const STALE = { code: 'stale_epoch' };
/** Lets the time of a retry come. */
const comeBack = () => fixture.query('UPDATE jobs.jobs SET not_before = NULL');
const reasonsOf = async (jobId: string) => (await fixture.claims(jobId)).map(({ end_reason }) => end_reason);

describe('an older epoch', () => {
  it('is told stale_epoch by every route, and changes nothing', async () => {
    await fixture.worker();
    const { job } = await fixture.environment('fenced');
    const old = await fixture.start();
    const { copy_id } = await fixture.reserve(old.dispatch, old.epoch, digestOf('a'));
    await fixture.release(old);
    const current = await fixture.start();
    const before = await fixture.job(job.id);
    await expect(fixture.reserve(old.dispatch, old.epoch, digestOf('a'))).rejects.toMatchObject(STALE);
    await expect(fixture.finish(old.dispatch, old.epoch, { copy_id })).rejects.toMatchObject(STALE);
    await expect(fixture.fail(old)).rejects.toMatchObject(STALE);
    await expect(fixture.published(old.dispatch, old.epoch)).rejects.toMatchObject(STALE);
    expect(await fixture.job(job.id)).toEqual(before);
    // Repeating a release is no harm: the answer may have been lost.
    await fixture.release(old);
    expect((await fixture.job(job.id)).epoch).toBe(current.epoch);
  });

  it('is one, too, when the right epoch is told by another worker', async () => {
    await fixture.worker();
    await fixture.environment('stranger');
    const { dispatch, epoch } = await fixture.start();
    const stranger = { ...dispatch, worker_id: await fixture.worker() };
    await expect(fixture.finish(stranger, epoch, { outcome: 'cancelled' })).rejects.toMatchObject(STALE);
    await expect(fixture.finish(dispatch, epoch + 1, { outcome: 'cancelled' })).rejects.toMatchObject(STALE);
    const nobody = { ...dispatch, job_id: uuidv7() };
    await expect(fixture.finish(nobody, epoch, {})).rejects.toMatchObject({ code: 'job_not_found' });
  });
});

describe('an error', () => {
  it('of transport is tried again with a growing pause, until the attempts are used', async () => {
    await fixture.worker();
    const { job } = await fixture.environment('retried');
    const pauses: number[] = [];
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      expect(await fixture.fail(await fixture.start(), NETWORK)).toMatchObject({ state: 'retry' });
      expect((await fixture.job(job.id)).waiting_for).toBe(
        `another attempt (${attempt + 1} of 3): The index is away.`,
      );
      const [pause] = await fixture.query<{ seconds: number }>(
        'SELECT extract(epoch FROM not_before - now())::float AS seconds FROM jobs.jobs',
      );
      pauses.push(pause!.seconds);
      expect(await fixture.dispatch()).toEqual([]);
      await comeBack();
    }
    expect(await fixture.fail(await fixture.start(), NETWORK)).toMatchObject({
      state: 'done',
      status: 'failed',
    });
    expect(await fixture.job(job.id)).toMatchObject({ status: 'failed', error: NETWORK });
    expect(await reasonsOf(job.id)).toEqual(['retry', 'retry', 'failed']);
    // 5 s and 10 s, with up to half as much again at random.
    expect(pauses[0]).toBeLessThan(7.6);
    expect(pauses[1]).toBeGreaterThan(9);
  });

  it('of a person fails the job at once', async () => {
    await fixture.worker();
    const { job } = await fixture.environment('unsatisfiable');
    expect(await fixture.fail(await fixture.start(), NOT_FOUND)).toMatchObject({ state: 'done' });
    expect(await fixture.job(job.id)).toMatchObject({ status: 'failed', attempts_used: 0, error: NOT_FOUND });
  });

  it('that nobody explains is a bug, not silence', async () => {
    await fixture.worker();
    const { job } = await fixture.environment('unexplained');
    const { dispatch, epoch } = await fixture.start();
    await fixture.finish(dispatch, epoch, { outcome: 'failed', error: null });
    expect((await fixture.job(job.id)).error).toMatchObject({ code: 'tool_failed', family: 'bug' });
  });

  it('of transport ends a job that somebody asked to cancel', async () => {
    await fixture.worker();
    const { job } = await fixture.environment('cancelled-retry');
    const run = await fixture.start();
    await fixture.cancel(job.id);
    expect(await fixture.fail(run, NETWORK)).toMatchObject({ state: 'done' });
    expect((await fixture.job(job.id)).finished_at).not.toBeNull();
  });
});

describe('a success', () => {
  it('needs the copy that this epoch reserved, and both texts', async () => {
    await fixture.worker(2);
    await fixture.environment('one');
    await fixture.environment('two');
    const runs: Run[] = [];
    for (const dispatch of await fixture.dispatch()) {
      const { epoch, work_order: order } = await fixture.claim(dispatch);
      runs.push({ dispatch, epoch, order });
    }
    const [one, two] = runs as [Run, Run];
    const unknown = { code: 'unknown_artifact' };
    await expect(fixture.finish(one.dispatch, one.epoch, { copy_id: null })).rejects.toMatchObject(unknown);
    const { copy_id } = await fixture.reserve(two.dispatch, two.epoch, digestOf('b'));
    await expect(fixture.finish(one.dispatch, one.epoch, { copy_id })).rejects.toMatchObject(unknown);
    await expect(fixture.finish(two.dispatch, two.epoch, { copy_id, lockfile: null })).rejects.toMatchObject(
      unknown,
    );
    expect(await fixture.query('SELECT 1 FROM environments.revisions')).toEqual([]);
    expect((await fixture.finish(two.dispatch, two.epoch, { copy_id })).state).toBe('publish');
  });

  it('of a plan is completed with its result, and leaves the environment as it was', async () => {
    await fixture.worker(2);
    const environmentId = await fixture.readyEnvironment('planned', digestOf('c'));
    const before = await fixture.environmentRow(environmentId);
    const change = { type: 'install' as const, packages: ['six'], pypi_packages: [] };
    const { job } = await fixture.request(environmentId, { type: 'plan', change });
    const { dispatch, epoch } = await fixture.start();
    const result = { added: [{ name: 'six', from: null, to: '1.17' }] };
    expect(await fixture.finish(dispatch, epoch, { result, manifest: null, lockfile: null })).toEqual({
      state: 'done',
      status: 'completed',
      revision: null,
      artifact_path: null,
    });
    expect(await fixture.job(job.id)).toMatchObject({ status: 'completed', result });
    expect(await fixture.environmentRow(environmentId)).toEqual(before);
    expect(await reasonsOf(job.id)).toEqual(['completed']);
  });

  it('shows no result before it is published', async () => {
    await fixture.worker();
    const { job } = await fixture.environment('half');
    const run = await fixture.start();
    await expect(fixture.published(run.dispatch, run.epoch)).rejects.toMatchObject({ code: 'not_committed' });
    await fixture.commit(run, digestOf('d'));
    const shown = () =>
      fixture.query<{ result: unknown }>(
        `SELECT data->'result' AS result FROM jobs.events WHERE resource_id = $1 ORDER BY id DESC LIMIT 1`,
        [job.id],
      );
    expect(await shown()).toEqual([{ result: null }]);
    await fixture.published(run.dispatch, run.epoch);
    expect(await shown()).toEqual([{ result: { revision: 1 } }]);
  });

  it('keeps timings, the last line of the log and warnings', async () => {
    await fixture.worker();
    const { job } = await fixture.environment('details');
    const { dispatch, epoch } = await fixture.start();
    const { copy_id } = await fixture.reserve(dispatch, epoch, digestOf('e'));
    const timings = { solve: 10, install: 20, verify: 30 };
    await fixture.finish(dispatch, epoch, { copy_id, timings, last_seq: 7, warnings: ['odd record'] });
    expect((await fixture.claims(job.id))[0]).toMatchObject({ timings, log_last_seq: '7' });
    expect(await fixture.query('SELECT warnings FROM environments.revisions')).toEqual([
      { warnings: ['odd record'] },
    ]);
  });
});

describe('a committed job', () => {
  /** A job whose first epoch committed revision 2 and was then given back: only publishing is left. */
  async function toPublish(): Promise<{ environmentId: string; jobId: string; run: Run }> {
    await fixture.worker();
    const environmentId = await fixture.readyEnvironment('republished', digestOf('0'));
    const { job } = await fixture.request(environmentId, install('six'));
    const first = await fixture.start();
    await fixture.commit(first, digestOf('1'));
    await fixture.release(first);
    return { environmentId, jobId: job.id, run: await fixture.start() };
  }

  it('is published by the next epoch, without a document in its order', async () => {
    const { environmentId, run } = await toPublish();
    expect(run.order).toMatchObject({
      phase: 'publish_only',
      manifest: null,
      lockfile: null,
      publish: { revision: 2, digest: digestOf('1'), inputs: { lockfile: 'tree lock' } },
    });
    await fixture.published(run.dispatch, run.epoch);
    expect(await fixture.environmentRow(environmentId)).toMatchObject({
      status: 'ready',
      published_revision: 2,
    });
  });

  it('whose tree is gone is built again, finished again and published', async () => {
    const { environmentId, run } = await toPublish();
    const { publish } = run.order as { publish: { copy_id: string; path: string } };
    const built = await fixture.reserve(run.dispatch, run.epoch, digestOf('1'), publish.copy_id);
    expect(built).toMatchObject({ state: 'build' });
    expect(built.path).not.toBe(publish.path);
    const finish = { copy_id: built.copy_id, digest: digestOf('1') };
    const answer = await fixture.finish(run.dispatch, run.epoch, finish);
    expect(answer).toMatchObject({ state: 'publish', revision: 2, artifact_path: built.path });
    expect(await fixture.finish(run.dispatch, run.epoch, finish)).toEqual(answer);
    expect(await fixture.published(run.dispatch, run.epoch)).toMatchObject({
      highest: { revision: 2, artifact_path: built.path },
    });
    expect((await fixture.environmentRow(environmentId)).published_revision).toBe(2);
    expect(await fixture.copyStates(digestOf('1'))).toEqual(['damaged', 'ready']);
  });

  it('that is solved to another digest when it is built again points at that', async () => {
    const { environmentId, run } = await toPublish();
    const built = await fixture.reserve(run.dispatch, run.epoch, digestOf('2'));
    await fixture.finish(run.dispatch, run.epoch, { copy_id: built.copy_id, digest: digestOf('2') });
    await fixture.published(run.dispatch, run.epoch);
    const [revision] = await fixture.query<{ digest: string }>(
      'SELECT digest FROM environments.revisions WHERE environment_id = $1 AND number = 2',
      [environmentId],
    );
    expect(revision!.digest).toBe(digestOf('2'));
    const references = await fixture.query(
      `SELECT number FROM environments.artifact_refs WHERE kind = 'revision' ORDER BY number`,
    );
    expect(references).toEqual([{ number: 1 }, { number: 2 }]);
  });

  it.each([
    ['an error', { ...NOT_FOUND, code: 'interpreter_missing' }],
    ['no error at all', null],
  ])('that ends with %s is publish_failed, and the revision before it stays', async (_name, error) => {
    const { environmentId, jobId, run } = await toPublish();
    const answer = await fixture.finish(run.dispatch, run.epoch, { outcome: 'failed', error });
    expect(answer).toMatchObject({ state: 'done', status: 'failed' });
    expect(await fixture.job(jobId)).toMatchObject({ status: 'failed', error: { code: 'publish_failed' } });
    expect(await fixture.environmentRow(environmentId)).toMatchObject({
      status: 'ready',
      published_revision: 1,
      revision: 2,
      last_error: { code: 'publish_failed' },
    });
    await fixture.request(environmentId, { type: 'rollback', revision: 2 });
    const next = await fixture.start();
    expect(next.order).toMatchObject({ base_revision: 2 });
    expect(await fixture.commit(next, digestOf('1'))).toMatchObject({ revision: 3 });
  });

  it('is tried again when the network fails while its tree is built', async () => {
    const { jobId, run } = await toPublish();
    expect(await fixture.fail(run, NETWORK)).toMatchObject({ state: 'retry' });
    await comeBack();
    const again = await fixture.start();
    expect(again.order.phase).toBe('publish_only');
    await fixture.published(again.dispatch, again.epoch);
    expect((await fixture.job(jobId)).status).toBe('completed');
  });
});

it('an epoch that is given back costs no attempt, however often', async () => {
  await fixture.worker();
  const { job } = await fixture.environment('released');
  for (let round = 0; round < 5; round += 1) await fixture.release(await fixture.start());
  expect(await fixture.job(job.id)).toMatchObject({ status: 'pending', attempts_used: 0, epoch: 5 });
  expect(new Set(await reasonsOf(job.id))).toEqual(new Set(['released']));
});
