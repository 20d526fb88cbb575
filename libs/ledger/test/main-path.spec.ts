import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { releaseJob, requestCancel, withdrawOverdue } from '../src/index.js';
import { LedgerFixture, digestOf } from './fixture.js';

describe('the life of a job', () => {
  let fixture: LedgerFixture;
  beforeAll(async () => {
    fixture = await LedgerFixture.start();
  });
  afterAll(() => fixture.stop());
  beforeEach(async () => {
    await fixture.retireWorkers();
    await fixture.query(`UPDATE jobs.jobs SET status = 'cancelled' WHERE status IN ('pending', 'running')`);
  });

  it('goes from request to completed, and the environment from pending to ready', async () => {
    await fixture.worker();
    const { job } = await fixture.environment('straight');
    const environment = { id: job.subject_id };
    expect(job.status).toBe('pending');
    const { dispatch, epoch, order } = await fixture.start();
    expect(order).toMatchObject({ job_id: job.id, type: 'create', base_revision: null, phase: 'run' });
    expect((await fixture.environmentRow(environment.id)).status).toBe('creating');
    const { copy_id, path, state } = await fixture.reserve(dispatch, epoch, digestOf('a'));
    expect([state, path]).toEqual([
      'build',
      expect.stringMatching(/^pools\/shared\/store\/uv-a{16}-[0-9a-f]{12}$/),
    ]);
    const finished = await fixture.finish(dispatch, epoch, { copy_id, digest: digestOf('a') });
    expect(finished).toEqual({ state: 'publish', status: 'running', revision: 1, artifact_path: path });
    expect(await fixture.published(dispatch, epoch)).toEqual({
      status: 'completed',
      highest: { revision: 1, artifact_path: path },
    });
    expect(await fixture.environmentRow(environment.id)).toMatchObject({ status: 'ready', revision: 1 });
    const events = await fixture.query<{ type: string; data: { status: string } }>(
      'SELECT type, data FROM jobs.events WHERE subject_id = $1 ORDER BY id',
      [environment.id],
    );
    expect(events.filter((event) => event.type === 'environment').map((event) => event.data.status)).toEqual(
      expect.arrayContaining(['pending', 'creating', 'ready']),
    );
    expect(events.at(-1)!.data.status).toMatch(/ready|completed/);
  });

  it('repeats the answers of claim, artifact, finish and published', async () => {
    await fixture.worker();
    await fixture.environment('repeated');
    const [dispatch] = await fixture.dispatch();
    const delivery = uuidv7();
    const claims = [await fixture.claim(dispatch!, delivery), await fixture.claim(dispatch!, delivery)];
    expect(claims[1]).toEqual(claims[0]);
    await expect(fixture.claim(dispatch!)).rejects.toMatchObject({ code: 'delivery_superseded' });
    const { epoch } = claims[0]!;
    const reserved = await fixture.reserve(dispatch!, epoch, digestOf('b'));
    expect(await fixture.reserve(dispatch!, epoch, digestOf('b'))).toEqual(reserved);
    const finish = { copy_id: reserved.copy_id, digest: digestOf('b') };
    const finished = await fixture.finish(dispatch!, epoch, finish);
    expect(await fixture.finish(dispatch!, epoch, finish)).toEqual(finished);
    const published = await fixture.published(dispatch!, epoch);
    expect(await fixture.published(dispatch!, epoch)).toEqual(published);
  });

  it('reuses a ready artifact for another environment', async () => {
    await fixture.worker();
    await fixture.environment('first-of-two');
    const first = await fixture.complete(digestOf('c'));
    await fixture.environment('second-of-two');
    const { dispatch, epoch } = await fixture.start();
    const reserved = await fixture.reserve(dispatch, epoch, digestOf('c'));
    expect(reserved).toMatchObject({ state: 'reuse', path: first.artifact_path });
  });

  it('gives the second of two builders the tree of the first', async () => {
    await fixture.worker();
    const one = await fixture.environment('builder-one');
    const two = await fixture.environment('builder-two');
    const dispatches = await fixture.dispatch();
    const builds = await Promise.all(
      dispatches.map(async (dispatch) => {
        const { epoch } = await fixture.claim(dispatch);
        return { dispatch, epoch, reserved: await fixture.reserve(dispatch, epoch, digestOf('d')) };
      }),
    );
    expect(builds.map((build) => build.reserved.state)).toEqual(['build', 'build']);
    const answers = await Promise.all(
      builds.map(({ dispatch, epoch, reserved }) =>
        fixture.finish(dispatch, epoch, { copy_id: reserved.copy_id, digest: digestOf('d') }),
      ),
    );
    expect(new Set(answers.map((answer) => answer.artifact_path)).size).toBe(1);
    for (const { dispatch, epoch } of builds) await fixture.published(dispatch, epoch);
    expect((await fixture.environmentRow(one.job.subject_id)).status).toBe('ready');
    expect((await fixture.environmentRow(two.job.subject_id)).status).toBe('ready');
    const states = await fixture.query<{ state: string }>(
      'SELECT c.state FROM environments.artifact_copies c JOIN environments.artifacts a ON a.id = c.artifact_id WHERE a.digest = $1 ORDER BY c.state',
      [digestOf('d')],
    );
    expect(states.map((row) => row.state)).toEqual(['deleting', 'ready']);
  });

  it('runs the changes of one environment one after the other, in the order of their requests', async () => {
    await fixture.worker(4);
    const { job } = await fixture.environment('ordered');
    const environment = { id: job.subject_id };
    const second = await fixture.request(environment.id, {
      type: 'install',
      packages: ['a'],
      pypi_packages: [],
    });
    expect(second.job.waiting_for).toMatch(/earlier change/);
    const dispatched = await fixture.dispatch();
    expect(dispatched.map((dispatch) => dispatch.job_id)).toEqual([job.id]);
  });

  it('keeps what worked when a change fails', async () => {
    await fixture.worker();
    const environment = { id: (await fixture.environment('survivor')).job.subject_id };
    await fixture.complete(digestOf('e'));
    await fixture.request(environment.id, { type: 'install', packages: ['nope'], pypi_packages: [] });
    const { dispatch, epoch, order } = await fixture.start();
    expect(order).toMatchObject({ base_revision: 1, manifest: '[project]', lockfile: 'version = 1' });
    expect((await fixture.environmentRow(environment.id)).status).toBe('updating');
    const error = { code: 'package_not_found', family: 'user' as const, message: 'no nope', extract: null };
    expect(await fixture.finish(dispatch, epoch, { outcome: 'failed', error })).toMatchObject({
      state: 'done',
    });
    expect(await fixture.environmentRow(environment.id)).toMatchObject({
      status: 'ready',
      revision: 1,
      last_error: { code: 'package_not_found', message: 'no nope' },
    });
  });

  it('gives a transport error another attempt, later', async () => {
    await fixture.worker();
    const { job } = await fixture.environment('retried');
    const { dispatch, epoch } = await fixture.start();
    const error = {
      code: 'network',
      family: 'operational' as const,
      message: 'index is away',
      extract: null,
    };
    expect(await fixture.finish(dispatch, epoch, { outcome: 'failed', error })).toMatchObject({
      state: 'retry',
    });
    expect(await fixture.job(job.id)).toMatchObject({ status: 'pending', attempts_used: 1 });
    expect(await fixture.dispatch()).toEqual([]);
  });

  it('cancels a waiting job at once and a running one through its worker', async () => {
    await fixture.worker();
    const { job } = await fixture.environment('cancelled');
    const environment = { id: job.subject_id };
    const { dispatch, epoch } = await fixture.start();
    const asked = await fixture.tx((tx) => requestCancel(tx, job.id, { userId: fixture.userId }));
    expect(asked.workerId).toBe(dispatch.worker_id);
    // It had just succeeded: the cancel came first, so there is no revision.
    const { copy_id } = await fixture.reserve(dispatch, epoch, digestOf('f'));
    const answer = await fixture.finish(dispatch, epoch, { copy_id, digest: digestOf('f') });
    expect(answer).toMatchObject({ state: 'done', status: 'cancelled' });
    expect(await fixture.environmentRow(environment.id)).toMatchObject({
      status: 'failed',
      last_error: { code: 'cancelled' },
    });
    const later = await fixture.request(environment.id, {
      type: 'install',
      packages: ['a'],
      pypi_packages: [],
    });
    await fixture.tx((tx) => requestCancel(tx, later.job.id, { userId: fixture.userId }));
    expect((await fixture.job(later.job.id)).status).toBe('cancelled');
    await expect(
      fixture.tx((tx) => requestCancel(tx, later.job.id, { userId: fixture.userId })),
    ).rejects.toMatchObject({ code: 'job_finished' });
  });

  it('refuses to cancel what was committed', async () => {
    await fixture.worker();
    const { job } = await fixture.environment('committed');
    const { dispatch, epoch } = await fixture.start();
    const { copy_id } = await fixture.reserve(dispatch, epoch, digestOf('0'));
    await fixture.finish(dispatch, epoch, { copy_id, digest: digestOf('0') });
    await expect(
      fixture.tx((tx) => requestCancel(tx, job.id, { userId: fixture.userId })),
    ).rejects.toMatchObject({ code: 'already_committed' });
  });

  it('deletes: waiting changes are cancelled, the running one is asked to stop, then the environment goes', async () => {
    await fixture.worker();
    const { job } = await fixture.environment('deleted');
    const environment = { id: job.subject_id };
    const waiting = await fixture.request(environment.id, {
      type: 'install',
      packages: ['a'],
      pypi_packages: [],
    });
    const { dispatch, epoch } = await fixture.start();
    const deletion = await fixture.request(environment.id, { type: 'delete' });
    expect(deletion.cancelled).toEqual([{ jobId: job.id, workerId: dispatch.worker_id }]);
    expect((await fixture.job(waiting.job.id)).status).toBe('cancelled');
    expect((await fixture.request(environment.id, { type: 'delete' })).job.id).toBe(deletion.job.id);
    await expect(fixture.request(environment.id, { type: 'update', packages: null })).rejects.toMatchObject({
      code: 'environment_deleting',
    });
    await fixture.finish(dispatch, epoch, { outcome: 'cancelled' });
    expect((await fixture.environmentRow(environment.id)).status).toBe('deleting');
    const second = await fixture.start();
    expect(second.dispatch.job_id).toBe(deletion.job.id);
    const answer = await fixture.finish(second.dispatch, second.epoch, { manifest: null, lockfile: null });
    expect(answer).toMatchObject({ state: 'publish', revision: null });
    await fixture.published(second.dispatch, second.epoch);
    expect(await fixture.environmentRow(environment.id)).toMatchObject({
      status: 'deleted',
      deleted_at: expect.any(Date),
    });
  });

  it('withdraws a dispatch that nobody claimed, and the late claim is refused', async () => {
    await fixture.worker();
    await fixture.environment('overdue');
    const [dispatch] = await fixture.dispatch();
    await fixture.query(`UPDATE jobs.jobs SET dispatched_at = now() - interval '6 seconds' WHERE id = $1`, [
      dispatch!.job_id,
    ]);
    expect(await fixture.tx(withdrawOverdue)).toEqual([dispatch]);
    await expect(fixture.claim(dispatch!)).rejects.toMatchObject({ code: 'delivery_superseded' });
    const [again] = await fixture.dispatch();
    expect(again!.dispatch_no).toBeGreaterThan(dispatch!.dispatch_no);
  });

  describe('when a worker is lost', () => {
    const lose = (workerId: string) => fixture.lose(workerId);

    it('runs the job again, alone, and answers the old epoch with stale_epoch', async () => {
      const first = await fixture.worker();
      const { job } = await fixture.environment('lost');
      const environment = { id: job.subject_id };
      const { dispatch, epoch } = await fixture.start();
      const { copy_id } = await fixture.reserve(dispatch, epoch, digestOf('1'));
      await lose(first);
      expect(await fixture.job(job.id)).toMatchObject({
        status: 'pending',
        runs_alone: true,
        attempts_used: 1,
      });
      expect((await fixture.environmentRow(environment.id)).status).toBe('pending');
      await expect(fixture.finish(dispatch, epoch, { copy_id, digest: digestOf('1') })).rejects.toMatchObject(
        { code: 'stale_epoch' },
      );
      await fixture.worker();
      expect((await fixture.start()).epoch).toBe(epoch + 1);
    });

    it('fails a job with worker_killed after three losses alone', async () => {
      const { job } = await fixture.environment('killer');
      for (let loss = 0; loss < 4; loss += 1) {
        const worker = await fixture.worker();
        await fixture.start();
        await lose(worker);
      }
      expect(await fixture.job(job.id)).toMatchObject({ status: 'failed', error: { code: 'worker_killed' } });
    });

    it('only publishes what was committed, and tells a late worker where current must point', async () => {
      const storeId = uuidv7();
      const first = await fixture.worker(2, storeId);
      const environment = { id: (await fixture.environment('half-published')).job.subject_id };
      const { dispatch, epoch } = await fixture.start();
      const { copy_id, path } = await fixture.reserve(dispatch, epoch, digestOf('2'));
      await fixture.finish(dispatch, epoch, { copy_id, digest: digestOf('2') });
      await lose(first);
      await fixture.worker(2, storeId);
      const second = await fixture.start();
      expect(second.order).toMatchObject({ phase: 'publish_only', publish: { path, revision: 1 } });
      await fixture.published(second.dispatch, second.epoch);
      expect((await fixture.environmentRow(environment.id)).status).toBe('ready');
      await expect(fixture.published(dispatch, epoch)).rejects.toMatchObject({
        code: 'stale_epoch',
        extra: { highest: { revision: 1, artifact_path: path } },
      });
    });
  });

  it('gives a released job back without spending an attempt', async () => {
    await fixture.worker();
    const { job } = await fixture.environment('released');
    const { dispatch, epoch } = await fixture.start();
    await fixture.tx((tx) => releaseJob(tx, job.id, epoch, dispatch.worker_id));
    expect(await fixture.job(job.id)).toMatchObject({
      status: 'pending',
      attempts_used: 0,
      runs_alone: false,
    });
  });

  it('lets another organization start as soon as one slot is free', async () => {
    await fixture.worker(2);
    for (let index = 0; index < 5; index += 1) await fixture.environment(`crowd-${index}`);
    const [running] = await fixture.dispatch();
    const { epoch } = await fixture.claim(running!);
    const other = await fixture.environment('lonely', uuidv7());
    expect(await fixture.dispatch()).toEqual([]);
    expect((await fixture.job(other.job.id)).waiting_for).toBe('a free slot: all 2 are busy');
    const { copy_id } = await fixture.reserve(running!, epoch, digestOf('3'));
    await fixture.finish(running!, epoch, { copy_id, digest: digestOf('3') });
    await fixture.published(running!, epoch);
    const next = await fixture.dispatch();
    expect(next.map((dispatch) => dispatch.job_id)).toEqual([other.job.id]);
  });

  it('says why a job waits when no worker is there', async () => {
    const { job } = await fixture.environment('nobody');
    expect(await fixture.dispatch()).toEqual([]);
    expect((await fixture.job(job.id)).waiting_for).toBe('a worker: none is connected');
  });

  it('refuses a change that was asked for at another revision', async () => {
    await fixture.worker();
    const environment = { id: (await fixture.environment('outdated')).job.subject_id };
    await fixture.complete(digestOf('4'));
    await expect(
      fixture.request(environment.id, { type: 'update', packages: null }, { expectedRevision: 7 }),
    ).rejects.toMatchObject({
      code: 'outdated',
    });
  });
});
