import { LEASE_SECONDS } from '@darb/models';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  closeEpochLog,
  endWorker,
  expiredJobs,
  expireJob,
  failOverdue,
  overdueJobs,
  silentWorkers,
  unclosedLogs,
} from '../../src/index.js';
import { LedgerFixture, digestOf, install } from '../fixture.js';
import type { Run } from '../fixture.js';

let fixture: LedgerFixture;
beforeAll(async () => {
  fixture = await LedgerFixture.start();
});
afterAll(() => fixture.stop());
beforeEach(() => fixture.reset());

const expire = (jobId: string) => fixture.tx((tx) => expireJob(tx, jobId));
const claimEnd = async (jobId: string) => (await fixture.claims(jobId)).at(-1)!.end_reason;

async function started(name: string): Promise<Run & { jobId: string; environmentId: string }> {
  await fixture.worker();
  const { job } = await fixture.environment(name);
  return { ...(await fixture.start()), jobId: job.id, environmentId: job.subject_id };
}

describe('a worker', () => {
  it('is lost after its lease, by the clock of the database, unless it speaks meanwhile', async () => {
    const workerId = await fixture.worker();
    expect(await silentWorkers(fixture.database, LEASE_SECONDS)).toEqual([]);
    await fixture.query(`UPDATE jobs.workers SET heartbeat_at = now() - interval '11 seconds'`);
    expect(await silentWorkers(fixture.database, LEASE_SECONDS)).toEqual([workerId]);
    await fixture.heartbeat(workerId);
    expect(await fixture.tx((tx) => endWorker(tx, workerId, LEASE_SECONDS))).toBe(false);
    await fixture.query(`UPDATE jobs.workers SET heartbeat_at = now() - interval '11 seconds'`);
    expect(await fixture.tx((tx) => endWorker(tx, workerId, LEASE_SECONDS))).toBe(true);
    expect(await fixture.tx((tx) => endWorker(tx, workerId, LEASE_SECONDS))).toBe(false);
    expect(await fixture.query('SELECT end_reason FROM jobs.workers')).toEqual([{ end_reason: 'lost' }]);
  });

  it('that was stopping is stopped, not lost', async () => {
    const workerId = await fixture.worker();
    await fixture.heartbeat(workerId, [], { draining: true });
    await fixture.lose(workerId);
    expect(await fixture.query('SELECT end_reason FROM jobs.workers')).toEqual([{ end_reason: 'stopped' }]);
  });

  it('takes all its jobs with it, each once', async () => {
    const workerId = await fixture.worker(3);
    const jobs = [];
    for (const name of ['a', 'b', 'c']) jobs.push((await fixture.environment(name)).job.id);
    for (const dispatch of await fixture.dispatch()) await fixture.claim(dispatch);
    await fixture.lose(workerId);
    await fixture.lose(workerId);
    for (const id of jobs) {
      expect(await fixture.job(id)).toMatchObject({ status: 'pending', attempts_used: 1, runs_alone: true });
    }
  });
});

describe('worker_killed', () => {
  it('is for a job whose workers died while it ran alone, three times', async () => {
    const { job } = await fixture.environment('killer');
    const seen: unknown[] = [];
    for (let loss = 0; loss < 4; loss += 1) {
      const workerId = await fixture.worker();
      await fixture.start();
      await fixture.lose(workerId);
      const { status, worker_losses, runs_alone } = await fixture.job(job.id);
      seen.push([status, worker_losses, runs_alone]);
    }
    expect(seen).toEqual([
      ['pending', 0, true],
      ['pending', 1, true],
      ['pending', 2, true],
      ['failed', 2, true],
    ]);
    expect((await fixture.job(job.id)).error).toMatchObject({ code: 'worker_killed' });
    expect(await fixture.environmentRow(job.subject_id)).toMatchObject({
      status: 'failed',
      last_error: { code: 'worker_killed' },
    });
  });

  it('is never for a committed job: it needs no worker alone, and ends as publish_failed at last', async () => {
    const storeId = '11111111-1111-7111-8111-111111111111';
    let workerId = await fixture.worker(2, storeId);
    const environmentId = await fixture.readyEnvironment('committed', digestOf('0'));
    const { job } = await fixture.request(environmentId, install('six'));
    await fixture.commit(await fixture.start(), digestOf('a'));
    for (let loss = 1; loss <= 5; loss += 1) {
      await fixture.lose(workerId);
      expect(await fixture.job(job.id)).toMatchObject({
        status: loss < 5 ? 'pending' : 'failed',
        runs_alone: false,
      });
      workerId = await fixture.worker(2, storeId);
      if (loss < 5) await fixture.start();
    }
    expect((await fixture.job(job.id)).error).toMatchObject({ code: 'publish_failed' });
    expect(await fixture.environmentRow(environmentId)).toMatchObject({
      status: 'ready',
      published_revision: 1,
    });
  });
});

describe('a deadline in the database', () => {
  it('ends a run that hangs on a living worker', async () => {
    const { jobId, environmentId, epoch, dispatch } = await started('hangs');
    expect(await expiredJobs(fixture.database)).toEqual([]);
    expect(await expire(jobId)).toBeNull();
    await fixture.query(`UPDATE jobs.jobs SET deadline_at = now() - interval '1 second'`);
    expect(await expiredJobs(fixture.database)).toEqual([jobId]);
    expect(await expire(jobId)).toEqual({ jobId, epoch });
    expect(await expire(jobId)).toBeNull();
    expect(await fixture.job(jobId)).toMatchObject({ status: 'failed', error: { code: 'timeout' } });
    expect(await claimEnd(jobId)).toBe('lost');
    expect(await fixture.environmentStatus(environmentId)).toBe('failed');
    await expect(fixture.finish(dispatch, epoch, {})).rejects.toMatchObject({ code: 'stale_epoch' });
  });

  it('of a committed job ends it as publish_failed: the earlier revision stays, the new one is kept', async () => {
    await fixture.worker();
    const environmentId = await fixture.readyEnvironment('stuck', digestOf('0'));
    const { job } = await fixture.request(environmentId, install('six'));
    const run = await fixture.start();
    const { artifact_path } = await fixture.commit(run, digestOf('b'));
    await fixture.query(`UPDATE jobs.jobs SET deadline_at = now() - interval '1 second' WHERE id = $1`, [
      job.id,
    ]);
    await expire(job.id);
    expect(await fixture.job(job.id)).toMatchObject({ status: 'failed', error: { code: 'publish_failed' } });
    expect(await fixture.environmentRow(environmentId)).toMatchObject({
      status: 'ready',
      published_revision: 1,
      revision: 2,
      last_error: { code: 'publish_failed' },
    });
    expect(await fixture.copyStates(digestOf('b'))).toEqual(['ready']);
    // A zombie that publishes now is told where the link must point.
    const late = await fixture.published(run.dispatch, run.epoch).catch((error: unknown) => error);
    expect(late).toMatchObject({ code: 'stale_epoch', extra: { highest: { revision: 1 } } });
    expect(artifact_path).not.toBeNull();
    await fixture.request(environmentId, { type: 'rollback', revision: 2 });
    expect((await fixture.complete(digestOf('b'))).revision).toBe(3);
    expect((await fixture.environmentRow(environmentId)).last_error).toBeNull();
  });

  it('is later for publishing than it was for the run', async () => {
    const { jobId, ...run } = await started('fresh-deadline');
    await fixture.query(`UPDATE jobs.jobs SET deadline_at = now() + interval '1 second'`);
    await fixture.commit(run, digestOf('c'));
    const [left] = await fixture.query<{ seconds: number }>(
      'SELECT extract(epoch FROM deadline_at - now())::int AS seconds FROM jobs.jobs WHERE id = $1',
      [jobId],
    );
    expect(left!.seconds).toBeGreaterThan(600);
  });

  it('is no deadline for a job that waits', async () => {
    const { jobId, ...run } = await started('given-back');
    await fixture.release(run);
    expect((await fixture.job(jobId)).deadline_at).toBeNull();
    expect(await expire(jobId)).toBeNull();
  });
});

describe('a cancel that nobody carries out', () => {
  it('ends the job after a minute', async () => {
    const { jobId, epoch } = await started('deaf');
    await fixture.cancel(jobId);
    expect(await expire(jobId)).toBeNull();
    await fixture.query(`UPDATE jobs.jobs SET cancel_requested_at = now() - interval '61 seconds'`);
    expect(await expiredJobs(fixture.database)).toEqual([jobId]);
    expect(await expire(jobId)).toEqual({ jobId, epoch });
    expect(await fixture.job(jobId)).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } });
    expect(await claimEnd(jobId)).toBe('lost');
  });

  it('ends the job when its worker is lost', async () => {
    const { jobId, dispatch } = await started('lost-too');
    await fixture.cancel(jobId);
    await fixture.lose(dispatch.worker_id);
    expect((await fixture.job(jobId)).status).toBe('cancelled');
    expect(await claimEnd(jobId)).toBe('lost');
  });
});

describe('a job that waited for too long', () => {
  const waitFor = (jobId: string, hours: number) =>
    fixture.query(`UPDATE jobs.jobs SET created_at = created_at - make_interval(hours => $2) WHERE id = $1`, [
      jobId,
      hours,
    ]);
  const DAY = 86_400;

  it('fails with what it waited for', async () => {
    const { job } = await fixture.environment('nobody');
    await fixture.dispatch();
    expect(await overdueJobs(fixture.database, DAY)).toEqual([]);
    await waitFor(job.id, 25);
    expect(await overdueJobs(fixture.database, DAY)).toEqual([job.id]);
    expect(await fixture.tx((tx) => failOverdue(tx, job.id, DAY))).toMatchObject({ id: job.id });
    const { status, error } = await fixture.job(job.id);
    expect([status, error!.code]).toEqual(['failed', 'waited_too_long']);
    expect(error!.message).toBe(
      'No worker took this job within 24 hours. It waited for a worker: none is connected. Retry it when the cause is gone.',
    );
  });

  it('counts from its last attempt, not from its request', async () => {
    const { jobId, ...run } = await started('tried');
    await waitFor(jobId, 25);
    await fixture.release(run);
    expect(await overdueJobs(fixture.database, DAY)).toEqual([]);
    await fixture.query(`UPDATE jobs.claims SET ended_at = now() - interval '25 hours'`);
    expect(await overdueJobs(fixture.database, DAY)).toEqual([jobId]);
  });

  it('is spared when it ran, or was given back, between the look and the lock', async () => {
    const { jobId, ...run } = await started('spared');
    await waitFor(jobId, 25);
    expect(await fixture.tx((tx) => failOverdue(tx, jobId, DAY))).toBeNull();
    await fixture.release(run);
    expect(await fixture.tx((tx) => failOverdue(tx, jobId, DAY))).toBeNull();
    expect((await fixture.job(jobId)).status).toBe('pending');
  });

  it('for publishing is publish_failed', async () => {
    const { jobId, dispatch, ...run } = await started('unpublished');
    await fixture.commit({ dispatch, ...run }, digestOf('d'));
    await fixture.lose(dispatch.worker_id);
    await waitFor(jobId, 25);
    await fixture.query(`UPDATE jobs.claims SET ended_at = now() - interval '25 hours'`);
    await fixture.tx((tx) => failOverdue(tx, jobId, DAY));
    expect((await fixture.job(jobId)).error).toMatchObject({ code: 'publish_failed' });
  });
});

describe('the log of an epoch that ended without its worker', () => {
  it('is listed until somebody closes it, once', async () => {
    const { jobId, epoch, dispatch } = await started('log');
    await fixture.lose(dispatch.worker_id);
    expect(await unclosedLogs(fixture.database)).toEqual([{ jobId, epoch }]);
    expect(await closeEpochLog(fixture.database, { jobId, epoch }, 12)).toMatchObject({ log_last_seq: '12' });
    expect(await closeEpochLog(fixture.database, { jobId, epoch }, 15)).toBeUndefined();
    expect(await unclosedLogs(fixture.database)).toEqual([]);
  });

  it('needs nobody when the worker ended the epoch itself', async () => {
    await fixture.fail(await started('told'));
    expect(await unclosedLogs(fixture.database)).toEqual([]);
  });
});
