import type { Change } from '@darb/models';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loseForgotten, requestDrain } from '../../src/index.js';
import { LedgerFixture, UV, digestOf, install } from '../fixture.js';
import type { Run } from '../fixture.js';

let fixture: LedgerFixture;
beforeAll(async () => {
  fixture = await LedgerFixture.start();
});
afterAll(() => fixture.stop());
beforeEach(() => fixture.reset());

async function started(name: string): Promise<Run & { workerId: string; jobId: string }> {
  const workerId = await fixture.worker();
  await fixture.environment(name);
  const run = await fixture.start();
  return { ...run, workerId, jobId: run.dispatch.job_id };
}

const lose = (jobId: string, workerId: string) => fixture.tx((tx) => loseForgotten(tx, { jobId, workerId }));

describe('a job that its living worker does not list', () => {
  it('loses its epoch after two heartbeats in a row, and not after one', async () => {
    const { workerId, jobId, epoch } = await started('forgotten');
    expect((await fixture.heartbeat(workerId)).forgotten).toEqual([]);
    expect(await lose(jobId, workerId)).toBeNull();
    expect((await fixture.heartbeat(workerId)).forgotten).toEqual([jobId]);
    expect(await lose(jobId, workerId)).toEqual({ jobId, epoch });
    expect(await fixture.job(jobId)).toMatchObject({
      status: 'pending',
      attempts_used: 1,
      missed: 0,
      runs_alone: false,
      waiting_for: 'a worker: the one that ran it forgot about it',
    });
    expect(await fixture.claims(jobId)).toMatchObject([{ end_reason: 'lost', ended_at: expect.any(Date) }]);
  });

  it('keeps its epoch when it is listed in between', async () => {
    const { workerId, jobId, ...run } = await started('listed-again');
    await fixture.heartbeat(workerId);
    await fixture.heartbeat(workerId, [run]);
    expect((await fixture.heartbeat(workerId)).forgotten).toEqual([]);
    expect((await fixture.job(jobId)).missed).toBe(1);
  });

  it('keeps its epoch when it is listed again before anybody acted', async () => {
    const { workerId, jobId, ...run } = await started('just-in-time');
    await fixture.heartbeat(workerId);
    expect((await fixture.heartbeat(workerId)).forgotten).toEqual([jobId]);
    await fixture.heartbeat(workerId, [run]);
    expect(await lose(jobId, workerId)).toBeNull();
    expect((await fixture.job(jobId)).status).toBe('running');
  });

  it('survives when its claim committed while a heartbeat was in flight', async () => {
    const workerId = await fixture.worker();
    await fixture.environment('in-flight');
    // The inventory was written down before the claim, and arrives after it.
    const inventory: Run[] = [];
    const run = await fixture.start();
    await fixture.heartbeat(workerId, inventory);
    expect((await fixture.heartbeat(workerId, [run])).forgotten).toEqual([]);
    expect(await fixture.job(run.dispatch.job_id)).toMatchObject({ status: 'running', missed: 0 });
  });

  it('is lost, too, when the worker lists an older epoch of it', async () => {
    const { workerId, jobId, ...first } = await started('older');
    await fixture.release(first);
    const second = await fixture.start();
    expect(second.epoch).toBe(2);
    await fixture.heartbeat(workerId, [first]);
    expect((await fixture.heartbeat(workerId, [first])).forgotten).toEqual([jobId]);
  });

  it('fails as a bug of Darb when workers forget it time and again', async () => {
    const workerId = await fixture.worker();
    const { job } = await fixture.environment('always-forgotten');
    for (let round = 0; round < 3; round += 1) {
      await fixture.start();
      await fixture.heartbeat(workerId);
      await fixture.heartbeat(workerId);
      await lose(job.id, workerId);
    }
    expect(await fixture.job(job.id)).toMatchObject({
      status: 'failed',
      error: { code: 'worker_forgot', family: 'bug' },
    });
    const reasons = (await fixture.claims(job.id)).map(({ end_reason }) => end_reason);
    expect(reasons).toEqual(['lost', 'lost', 'lost']);
  });

  it('ends as cancelled when somebody had asked for that', async () => {
    const { workerId, jobId } = await started('cancelled');
    await fixture.cancel(jobId);
    await fixture.heartbeat(workerId);
    await fixture.heartbeat(workerId);
    await lose(jobId, workerId);
    expect((await fixture.job(jobId)).status).toBe('cancelled');
  });

  it('that is committed waits for another worker to publish it, and ends as publish_failed at last', async () => {
    const workerId = await fixture.worker();
    const environmentId = await fixture.readyEnvironment('never-published', digestOf('0'));
    const { job } = await fixture.request(environmentId, install('six'));
    await fixture.commit(await fixture.start(), digestOf('a'));
    for (let round = 0; round < 3; round += 1) {
      await fixture.heartbeat(workerId);
      await fixture.heartbeat(workerId);
      await lose(job.id, workerId);
      if (round < 2) expect((await fixture.start()).order.phase).toBe('publish_only');
    }
    expect(await fixture.job(job.id)).toMatchObject({ status: 'failed', error: { code: 'publish_failed' } });
    expect(await fixture.environmentRow(environmentId)).toMatchObject({
      status: 'ready',
      published_revision: 1,
      revision: 2,
    });
  });
});

describe('what a worker lists although it is over', () => {
  it('is told stale, and holds a slot until the worker has got rid of it', async () => {
    const { workerId, jobId, epoch, ...run } = await started('stale');
    await fixture.release({ ...run, epoch });
    await fixture.query(`UPDATE jobs.jobs SET not_before = now() + interval '1 hour'`);
    const first = await fixture.heartbeat(workerId, [{ ...run, epoch }]);
    expect(first.signals).toEqual([{ id: jobId, epoch, cancel: false, cancel_code: null, stale: true }]);
    for (const name of ['one', 'two']) await fixture.environment(name);
    expect(await fixture.dispatch()).toHaveLength(1);
    await fixture.heartbeat(workerId, []);
    expect(await fixture.dispatch()).toHaveLength(1);
  });

  it('is told stale when it is a job that Darb has never heard of', async () => {
    const workerId = await fixture.worker();
    const stranger = { dispatch: { job_id: uuidv7(), worker_id: workerId, dispatch_no: 1 }, epoch: 3 };
    const { signals } = await fixture.heartbeat(workerId, [stranger]);
    expect(signals).toMatchObject([{ stale: true }]);
  });

  it('is told stale when the job runs on another worker by now', async () => {
    const { workerId, ...first } = await started('moved');
    await fixture.lose(workerId);
    const other = await fixture.worker();
    const second = await fixture.start();
    expect((await fixture.heartbeat(other, [first])).signals).toMatchObject([{ stale: true }]);
    expect((await fixture.heartbeat(other, [second])).signals).toMatchObject([{ stale: false }]);
  });
});

describe('a heartbeat', () => {
  it('brings the wish to cancel, but not for what is committed already', async () => {
    const { workerId, jobId, ...run } = await started('to-cancel');
    expect((await fixture.heartbeat(workerId, [run])).signals).toMatchObject([{ cancel: false }]);
    await fixture.cancel(jobId);
    expect((await fixture.heartbeat(workerId, [run])).signals).toMatchObject([
      { cancel: true, cancel_code: 'cancelled', stale: false },
    ]);
  });

  it('of a worker that was taken for lost says so, and revives nothing', async () => {
    const { workerId, jobId, ...run } = await started('revenant');
    await fixture.lose(workerId);
    expect(await fixture.heartbeat(workerId, [run])).toEqual({ signals: null, forgotten: [] });
    expect((await fixture.job(jobId)).status).toBe('pending');
  });

  it('moves the progress of a running job, and people hear of it only when it changed', async () => {
    const { workerId, jobId, epoch } = await started('progress');
    const eventsOf = async () =>
      (await fixture.query('SELECT 1 FROM jobs.events WHERE resource_id = $1', [jobId])).length;
    const progress = { phase: 'install' as const, done: 1, total: 3 };
    const jobs = [{ id: jobId, epoch, progress }];
    await fixture.heartbeat(workerId, [], { jobs });
    expect((await fixture.job(jobId)).progress).toEqual(progress);
    const events = await eventsOf();
    await fixture.heartbeat(workerId, [], { jobs });
    expect(await eventsOf()).toBe(events);
    await fixture.heartbeat(workerId, [], { jobs: [{ id: jobId, epoch, progress: null }] });
    expect((await fixture.job(jobId)).progress).toBeNull();
  });

  it('never overwrites the progress of a committed job, which is publish', async () => {
    const { workerId, jobId, ...run } = await started('publishing');
    await fixture.commit(run, digestOf('b'));
    await fixture.heartbeat(workerId, [run]);
    expect((await fixture.job(jobId)).progress).toMatchObject({ phase: 'publish' });
  });

  it('is not held up by somebody who moves one of its jobs right now', async () => {
    const { workerId, jobId, ...run } = await started('locked');
    await fixture.tx(async (tx) => {
      await tx.query('SELECT 1 FROM jobs.jobs WHERE id = $1 FOR UPDATE', [jobId]);
      await tx.query(`SET LOCAL statement_timeout = '20s'`);
      const beats = [fixture.heartbeat(workerId, [run]), fixture.heartbeat(workerId, [])];
      expect(await Promise.all(beats)).toHaveLength(2);
    });
  });

  it('keeps what the worker says of its room and tools, and what it said before', async () => {
    const workerId = await fixture.worker();
    const space = { free_bytes: 5, total_bytes: 10 };
    await fixture.heartbeat(workerId, [], { space, managers: [{ ...UV, version: '0.14.0' }] });
    await fixture.heartbeat(workerId);
    const [worker] = await fixture.query('SELECT space, managers FROM jobs.workers');
    expect(worker).toEqual({ space, managers: [{ ...UV, version: '0.14.0' }] });
  });

  it('that says draining ends dispatches to it, whatever a later one says', async () => {
    const workerId = await fixture.worker();
    await fixture.heartbeat(workerId, [], { draining: true });
    await fixture.heartbeat(workerId);
    await fixture.environment('nowhere');
    expect(await fixture.dispatch()).toEqual([]);
  });
});

it('a drain that an administrator asks for ends dispatches, and can be taken back', async () => {
  const workerId = await fixture.worker();
  const change: Change = { type: 'plan', change: { type: 'update', packages: null } };
  const { job } = await fixture.environment('drained');
  await fixture.request(job.subject_id, change);
  expect(await requestDrain(fixture.database, workerId, true)).toBe(true);
  expect(await fixture.dispatch()).toEqual([]);
  expect(await requestDrain(fixture.database, workerId, false)).toBe(true);
  expect(await fixture.dispatch()).toHaveLength(2);
  await fixture.retireWorkers();
  expect(await requestDrain(fixture.database, workerId, true)).toBe(false);
});
