import { DEADLINE_MARGIN_SECONDS } from '@darb/models';
import type { EnvironmentOrder } from '@darb/models';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { withdrawOverdue } from '../../src/index.js';
import { CREATE, LedgerFixture, LIMITS, digestOf, install } from '../fixture.js';

let fixture: LedgerFixture;
beforeAll(async () => {
  fixture = await LedgerFixture.start();
});
afterAll(() => fixture.stop());
beforeEach(() => fixture.reset());

describe('a claim', () => {
  it('needs the current dispatch of this very worker', async () => {
    await fixture.worker();
    const other = await fixture.worker();
    const { job } = await fixture.environment('dispatched');
    const [dispatch] = await fixture.dispatch();
    const refused = { code: 'delivery_superseded' };
    const stranger = dispatch!.worker_id === other ? uuidv7() : other;
    await expect(fixture.claim({ ...dispatch!, worker_id: stranger })).rejects.toMatchObject(refused);
    await expect(fixture.claim({ ...dispatch!, dispatch_no: 0 })).rejects.toMatchObject(refused);
    await expect(fixture.claim({ ...dispatch!, job_id: uuidv7() })).rejects.toMatchObject({
      code: 'job_not_found',
    });
    expect(await fixture.job(job.id)).toMatchObject({ status: 'pending', epoch: 0 });
    expect((await fixture.claim(dispatch!)).epoch).toBe(1);
  });

  it('of a worker that was taken for lost is refused, also when it repeats one', async () => {
    const workerId = await fixture.worker();
    await fixture.readyEnvironment('published', digestOf('9'));
    await fixture.environment('lost');
    const [dispatch] = await fixture.dispatch();
    const deliveryId = uuidv7();
    const { epoch } = await fixture.claim(dispatch!, deliveryId);
    const { copy_id } = await fixture.reserve(dispatch!, epoch, digestOf('9'));
    await fixture.finish(dispatch!, epoch, { copy_id, digest: digestOf('9') });
    await fixture.retireWorkers();
    await expect(fixture.claim(dispatch!, deliveryId)).rejects.toMatchObject({ code: 'delivery_superseded' });
    await fixture.environment('new');
    await fixture.query('UPDATE jobs.workers SET ended_at = NULL WHERE id = $1', [workerId]);
    const [next] = await fixture.dispatch();
    await fixture.retireWorkers();
    await expect(fixture.claim(next!)).rejects.toMatchObject({ code: 'delivery_superseded' });
  });

  it('is given to one of two deliveries that come at once', async () => {
    await fixture.worker();
    await fixture.environment('twice');
    const [dispatch] = await fixture.dispatch();
    const claims = await Promise.allSettled([fixture.claim(dispatch!), fixture.claim(dispatch!)]);
    expect(claims.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await fixture.claims(dispatch!.job_id)).toHaveLength(1);
  });

  it('gets the same answer again for the same delivery, until its epoch is over', async () => {
    await fixture.worker();
    const environmentId = await fixture.readyEnvironment('repeated', digestOf('a'));
    await fixture.request(environmentId, install('six'));
    const [dispatch] = await fixture.dispatch();
    const deliveryId = uuidv7();
    const first = await fixture.claim(dispatch!, deliveryId);
    expect(await fixture.claim(dispatch!, deliveryId)).toEqual(first);
    await fixture.release({ dispatch: dispatch!, epoch: first.epoch, order: first.work_order });
    await expect(fixture.claim(dispatch!, deliveryId)).rejects.toMatchObject({ code: 'delivery_superseded' });
  });

  it('sets a deadline from the limits of the instance, or those of the request', async () => {
    await fixture.worker(4);
    await fixture.environment('default');
    const own = { timeoutSeconds: 120, idleTimeoutSeconds: 30 };
    await fixture.environment('own', fixture.organizationId, CREATE, own);
    const orders = new Map<string, EnvironmentOrder>();
    for (const dispatch of await fixture.dispatch()) {
      const { work_order } = await fixture.claim(dispatch);
      orders.set((work_order as EnvironmentOrder).environment_name, work_order as EnvironmentOrder);
    }
    expect(orders.get('default')!.limits).toEqual(LIMITS);
    expect(orders.get('own')!.limits).toEqual({
      ...LIMITS,
      timeout_seconds: 120,
      idle_timeout_seconds: 30,
    });
    const seconds = await fixture.query<{ name: string; job: number; claim: number }>(
      `SELECT j.subject_name AS name, extract(epoch FROM j.deadline_at - c.claimed_at)::int AS job,
         extract(epoch FROM c.deadline_at - c.claimed_at)::int AS claim
       FROM jobs.jobs j JOIN jobs.claims c ON c.job_id = j.id ORDER BY 1`,
    );
    const deadlineOf = (allowed: number) => allowed + DEADLINE_MARGIN_SECONDS;
    expect(seconds).toEqual([
      { name: 'default', job: deadlineOf(LIMITS.timeout_seconds), claim: deadlineOf(LIMITS.timeout_seconds) },
      { name: 'own', job: deadlineOf(120), claim: deadlineOf(120) },
    ]);
  });

  it('raises the epoch each time, and keeps when the job was first started', async () => {
    await fixture.worker();
    const { job } = await fixture.environment('again');
    const first = await fixture.start();
    const { started_at } = await fixture.job(job.id);
    await fixture.release(first);
    const second = await fixture.start();
    expect([first.epoch, second.epoch]).toEqual([1, 2]);
    expect((await fixture.job(job.id)).started_at).toEqual(started_at);
  });
});

describe('a work order', () => {
  it('of a change starts from the published revision, with its texts', async () => {
    await fixture.worker();
    const environmentId = await fixture.readyEnvironment('base', digestOf('b'));
    await fixture.request(environmentId, { type: 'apply', manifest: 'new text', lockfile: null });
    const { order } = await fixture.start();
    expect(order).toMatchObject({
      base_revision: 1,
      manifest: '[project]',
      lockfile: 'version = 1',
      change: { type: 'apply', manifest: 'new text', lockfile: null },
      publish: null,
    });
  });

  it('of a rollback and of a clone starts from the revision that they name', async () => {
    await fixture.worker(4);
    const environmentId = await fixture.readyEnvironment('source', digestOf('c'));
    await fixture.request(environmentId, install('six'));
    const run = await fixture.start();
    const { copy_id } = await fixture.reserve(run.dispatch, run.epoch, digestOf('d'));
    await fixture.finish(run.dispatch, run.epoch, { copy_id, digest: digestOf('d'), manifest: 'second' });
    await fixture.published(run.dispatch, run.epoch);
    await fixture.request(environmentId, { type: 'rollback', revision: 1 });
    expect((await fixture.start()).order).toMatchObject({ base_revision: 1, manifest: '[project]' });
    await fixture.environment('copy', fixture.organizationId, {
      type: 'clone',
      environment_id: environmentId,
      revision: 2,
    });
    expect((await fixture.start()).order).toMatchObject({ base_revision: 2, manifest: 'second' });
  });

  it('of a plan carries the base and the texts of the planned change', async () => {
    await fixture.worker();
    const environmentId = await fixture.readyEnvironment('planned', digestOf('e'));
    await fixture.request(environmentId, {
      type: 'plan',
      change: { type: 'apply', manifest: 'planned text', lockfile: null },
    });
    expect((await fixture.start()).order).toMatchObject({
      base_revision: 1,
      change: { type: 'plan', change: { manifest: 'planned text' } },
    });
  });
});

describe('a job that can not be done any more', () => {
  const refuse = async (): Promise<void> => {
    const [dispatch] = await fixture.dispatch();
    await expect(fixture.claim(dispatch!)).rejects.toMatchObject({ code: 'delivery_superseded' });
  };

  it('fails as outdated when another change was published first', async () => {
    await fixture.worker();
    const environmentId = await fixture.readyEnvironment('if-match', digestOf('f'));
    await fixture.request(environmentId, install('six'));
    const later = await fixture.request(environmentId, install('rich'), { expectedRevision: 1 });
    await fixture.complete(digestOf('0'));
    await refuse();
    expect(await fixture.job(later.job.id)).toMatchObject({ status: 'failed', error: { code: 'outdated' } });
    expect(await fixture.environmentRow(environmentId)).toMatchObject({
      status: 'ready',
      published_revision: 2,
      last_error: { code: 'outdated' },
    });
  });

  it('fails when the revision that it names is not there', async () => {
    await fixture.worker();
    const environmentId = await fixture.readyEnvironment('no-such', digestOf('1'));
    const { job } = await fixture.request(environmentId, { type: 'rollback', revision: 9 });
    await refuse();
    expect((await fixture.job(job.id)).error).toMatchObject({ code: 'revision_not_found', family: 'user' });
  });

  it('fails when a text that it needs is gone, instead of being dispatched for ever', async () => {
    await fixture.worker();
    const change = { ...CREATE, type: 'create' as const, manifest: 'swept away' };
    const { job } = await fixture.environment('swept', fixture.organizationId, change as typeof CREATE);
    await fixture.query('DELETE FROM environments.documents');
    await refuse();
    expect(await fixture.job(job.id)).toMatchObject({
      status: 'failed',
      error: { code: 'document_gone', family: 'operational' },
    });
  });

  it('is withdrawn when nobody claims it, and another worker gets it', async () => {
    await fixture.worker();
    await fixture.environment('overdue');
    const [dispatch] = await fixture.dispatch();
    expect(await fixture.tx(withdrawOverdue)).toEqual([]);
    await fixture.retireWorkers();
    expect(await fixture.tx(withdrawOverdue)).toEqual([dispatch]);
    const workerId = await fixture.worker();
    expect(await fixture.dispatch()).toMatchObject([{ worker_id: workerId, dispatch_no: 3 }]);
  });
});
