import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { v7 as uuidv7 } from 'uuid';
import { requestJob } from '../../src/index.js';
import { CREATE, LedgerFixture, digestOf, install } from '../fixture.js';

let fixture: LedgerFixture;
beforeAll(async () => {
  fixture = await LedgerFixture.start();
});
afterAll(() => fixture.stop());
beforeEach(() => fixture.reset());

const countOf = async (table: string): Promise<number> =>
  (await fixture.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`))[0]!.count;

describe('a request', () => {
  it('is a job, an audit entry and events in one transaction', async () => {
    const { job } = await fixture.environment('accepted');
    expect(job).toMatchObject({
      status: 'pending',
      lane: `environment:${job.subject_id}`,
      lane_seq: '1',
      subject_name: 'accepted',
      requested_by: fixture.userId,
      organization_id: fixture.organizationId,
      waiting_for: null,
    });
    expect(await fixture.query('SELECT action, outcome, actor_id, after FROM auth.audit_events')).toEqual([
      {
        action: 'environment.create',
        outcome: 'requested',
        actor_id: fixture.userId,
        after: { job_id: job.id, ...CREATE },
      },
    ]);
    const events = await fixture.query<{ type: string; organization_id: string }>(
      'SELECT type, organization_id FROM jobs.events ORDER BY id',
    );
    expect(events).toEqual([
      { type: 'job', organization_id: fixture.organizationId },
      { type: 'environment', organization_id: fixture.organizationId },
    ]);
  });

  it('leaves nothing behind when its transaction is rolled back', async () => {
    const { job } = await fixture.environment('rolled-back');
    const before = await Promise.all(
      ['jobs.jobs', 'auth.audit_events', 'jobs.events', 'environments.documents'].map(countOf),
    );
    const subject = { type: 'environment' as const, id: job.subject_id };
    const change = { type: 'apply' as const, manifest: 'a manifest', lockfile: null };
    await expect(
      fixture.tx(async (tx) => {
        await requestJob(tx, { subject, change, requester: { userId: fixture.userId } });
        throw new Error('the caller changed its mind');
      }),
    ).rejects.toThrow('changed its mind');
    const after = await Promise.all(
      ['jobs.jobs', 'auth.audit_events', 'jobs.events', 'environments.documents'].map(countOf),
    );
    expect(after).toEqual(before);
    // The number that it had taken in its lane is given to the next one.
    expect((await fixture.request(job.subject_id, install('six'))).job.lane_seq).toBe('2');
  });

  it('of an environment that is not there, or gone, is refused', async () => {
    await expect(fixture.request(uuidv7(), install('six'))).rejects.toMatchObject({
      code: 'environment_not_found',
    });
    expect(await countOf('jobs.jobs')).toBe(0);
    expect(await countOf('jobs.lanes')).toBe(0);
  });

  it('of a store that no worker ever brought is refused', async () => {
    await expect(fixture.ask({ type: 'store', id: uuidv7() }, { type: 'verify' })).rejects.toMatchObject({
      code: 'store_not_found',
    });
  });

  it('gets the next number of its lane, also when many come at once', async () => {
    const { job } = await fixture.environment('crowded');
    const requests = Array.from({ length: 12 }, (_, index) =>
      fixture.request(job.subject_id, install(`p${index}`)),
    );
    const numbers = (await Promise.all(requests)).map((requested) => Number(requested.job.lane_seq));
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, index) => index + 2));
  });

  it('to plan or export takes no turn and waits for nobody', async () => {
    const { job } = await fixture.environment('read');
    const plan = await fixture.request(job.subject_id, {
      type: 'plan',
      change: { type: 'install', packages: ['six'], pypi_packages: [] },
    });
    expect(plan.job).toMatchObject({ lane: null, lane_seq: null, waiting_for: null });
    await fixture.worker(2);
    const dispatched = await fixture.dispatch();
    expect(dispatched.map(({ job_id }) => job_id).sort()).toEqual([job.id, plan.job.id].sort());
  });

  it('made for another revision is refused as outdated', async () => {
    await fixture.worker();
    const environmentId = await fixture.readyEnvironment('if-match', digestOf('a'));
    const ask = (expectedRevision: number) =>
      fixture.request(environmentId, install('six'), { expectedRevision });
    await expect(ask(2)).rejects.toMatchObject({ code: 'outdated' });
    expect((await ask(1)).job.expected_revision).toBe(1);
  });

  it('carries what a person set: priority, times, and the job that it repeats', async () => {
    const { job } = await fixture.environment('chosen', fixture.organizationId, CREATE, {
      priority: 5,
      timeoutSeconds: 60,
      idleTimeoutSeconds: 30,
    });
    expect(job).toMatchObject({ priority: 5, timeout_seconds: 60, idle_timeout_seconds: 30 });
    const again = await fixture.request(job.subject_id, CREATE, { retryOf: job.id });
    expect(again.job.retry_of).toBe(job.id);
  });

  it('may refer to texts of an earlier job, as long as they are kept', async () => {
    const change = { type: 'apply' as const, manifest: 'kept text', lockfile: null };
    const { job } = await fixture.environment('referring', fixture.organizationId, change);
    await fixture.query(`UPDATE environments.documents SET referenced_at = now() - interval '90 days'`);
    const again = await fixture.request(job.subject_id, job.change as never);
    expect(again.job.change).toEqual(job.change);
    expect(
      await fixture.query(
        `SELECT 1 FROM environments.documents WHERE referenced_at < now() - interval '1 day'`,
      ),
    ).toEqual([]);
    await fixture.query('DELETE FROM environments.documents');
    await expect(fixture.request(job.subject_id, job.change as never)).rejects.toMatchObject({
      code: 'not_retryable',
    });
  });

  it('that would make a move which the table forbids throws forbidden_move and leaves nothing', async () => {
    const { job } = await fixture.environment('forbidden');
    await fixture.query(`UPDATE environments.environments SET status = 'deleted' WHERE id = $1`, [
      job.subject_id,
    ]);
    await expect(fixture.request(job.subject_id, install('six'))).rejects.toMatchObject({
      code: 'forbidden_move',
    });
    expect(await countOf('jobs.jobs')).toBe(1);
    expect(await countOf('auth.audit_events')).toBe(1);
  });
});

describe('limits of what may wait', () => {
  it('refuse an organization that has too many with too_many_jobs, others not', async () => {
    const limits = { perOrganization: 2, perUser: 0 };
    const { job } = await fixture.environment('one', fixture.organizationId, CREATE, { limits });
    await fixture.environment('two', fixture.organizationId, CREATE, { limits });
    await expect(fixture.request(job.subject_id, install('six'), { limits })).rejects.toMatchObject({
      code: 'too_many_jobs',
      message: expect.stringContaining('2 jobs'),
    });
    await fixture.environment('elsewhere', uuidv7(), CREATE, { limits });
  });

  it('refuse one user, and not the others of the organization', async () => {
    const limits = { perOrganization: 0, perUser: 1 };
    const { job } = await fixture.environment('mine', fixture.organizationId, CREATE, { limits });
    await expect(fixture.request(job.subject_id, install('six'), { limits })).rejects.toMatchObject({
      code: 'too_many_jobs',
    });
    const requester = { userId: uuidv7() };
    await fixture.request(job.subject_id, install('six'), { limits, requester });
  });

  it('never refuse a delete, and count only what waits', async () => {
    const limits = { perOrganization: 1, perUser: 1 };
    await fixture.worker();
    const { job } = await fixture.environment('runs', fixture.organizationId, CREATE, { limits });
    await fixture.start();
    await fixture.request(job.subject_id, install('six'), { limits });
    await fixture.request(job.subject_id, { type: 'delete' }, { limits });
  });
});

describe('a cancel', () => {
  it('ends a waiting job at once, with who asked for it', async () => {
    const { job } = await fixture.environment('waits');
    const { job: cancelled, workerId } = await fixture.cancel(job.id);
    expect(cancelled).toMatchObject({
      status: 'cancelled',
      cancel_requested_by: fixture.userId,
      error: { code: 'cancelled' },
      finished_at: expect.any(Date),
    });
    expect(workerId).toBeNull();
    expect(
      await fixture.query(`SELECT action, outcome FROM auth.audit_events WHERE outcome <> 'requested'`),
    ).toEqual([{ action: 'environment.create', outcome: 'cancelled' }]);
  });

  it('asks the worker of a running job, once', async () => {
    const workerId = await fixture.worker();
    const { job } = await fixture.environment('runs');
    await fixture.start();
    const first = await fixture.cancel(job.id);
    expect(first).toMatchObject({ workerId, job: { status: 'running', cancel_code: 'cancelled' } });
    const second = await fixture.cancel(job.id);
    expect(second.job.cancel_requested_at).toEqual(first.job.cancel_requested_at);
  });

  it('ends a job that was given back after somebody had asked to cancel it', async () => {
    await fixture.worker();
    const { job } = await fixture.environment('given-back');
    const run = await fixture.start();
    await fixture.cancel(job.id);
    await fixture.release(run);
    expect(await fixture.job(job.id)).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } });
  });

  it('makes the delivery that was on its way void', async () => {
    await fixture.worker();
    const { job } = await fixture.environment('on-its-way');
    const [dispatch] = await fixture.dispatch();
    await fixture.cancel(job.id);
    await expect(fixture.claim(dispatch!)).rejects.toMatchObject({ code: 'delivery_superseded' });
    expect((await fixture.job(job.id)).status).toBe('cancelled');
  });

  it('of a job that is over, committed or unknown is refused with the reason', async () => {
    await fixture.worker();
    const { job } = await fixture.environment('over');
    const run = await fixture.start();
    await fixture.commit(run, digestOf('b'));
    await expect(fixture.cancel(job.id)).rejects.toMatchObject({ code: 'already_committed' });
    await fixture.published(run.dispatch, run.epoch);
    await expect(fixture.cancel(job.id)).rejects.toMatchObject({ code: 'job_finished' });
    await expect(fixture.cancel(uuidv7())).rejects.toMatchObject({ code: 'job_not_found' });
  });

  it('and a finish at the same moment agree: either cancelled without a revision, or committed', async () => {
    await fixture.worker(8);
    const outcomes = new Set<string>();
    for (let round = 0; round < 8; round += 1) {
      const { job } = await fixture.environment(`race-${round}`);
      const run = await fixture.start();
      const { copy_id } = await fixture.reserve(run.dispatch, run.epoch, digestOf('c'));
      const finish = () => fixture.finish(run.dispatch, run.epoch, { copy_id, digest: digestOf('c') });
      const cancel = () => fixture.cancel(job.id).catch((error: { code: string }) => error);
      const [first, second] = round % 2 === 0 ? [finish(), cancel()] : [cancel(), finish()];
      await Promise.all([first, second]);
      const { committed_at, status, cancel_requested_at } = await fixture.job(job.id);
      const { revision } = await fixture.environmentRow(job.subject_id);
      outcomes.add(status);
      if (status === 'cancelled') expect(revision).toBeNull();
      else {
        expect([revision, cancel_requested_at]).toEqual([1, null]);
        expect(committed_at).not.toBeNull();
      }
    }
    expect([...outcomes].every((status) => status === 'cancelled' || status === 'running')).toBe(true);
  });
});

describe('a delete', () => {
  it('that is asked for twice is one job', async () => {
    const { job } = await fixture.environment('twice');
    const first = await fixture.request(job.subject_id, { type: 'delete' });
    const second = await fixture.request(job.subject_id, { type: 'delete' });
    expect(second.job.id).toBe(first.job.id);
    await expect(fixture.request(job.subject_id, install('six'))).rejects.toMatchObject({
      code: 'environment_deleting',
    });
  });

  it('cancels plans and exports too, and lets a committed change publish without leaving deleting', async () => {
    await fixture.worker(4);
    const { job } = await fixture.environment('busy');
    const run = await fixture.start();
    await fixture.commit(run, digestOf('d'));
    const plan = await fixture.request(job.subject_id, { type: 'export', format: 'uv.lock' });
    const { cancelled } = await fixture.request(job.subject_id, { type: 'delete' });
    expect(cancelled).toEqual([]);
    expect((await fixture.job(plan.job.id)).status).toBe('cancelled');
    await fixture.published(run.dispatch, run.epoch);
    expect(await fixture.environmentRow(job.subject_id)).toMatchObject({
      status: 'deleting',
      published_revision: 1,
    });
  });
});
