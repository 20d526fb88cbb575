import type { LogLine } from '@darb/models';
import { waitFor } from '@darb/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CREATE, JobsStack, WAIT } from './support/jobs-stack.js';

describe('the life of a job', () => {
  let stack: JobsStack;

  beforeAll(async () => {
    stack = await JobsStack.start();
  });
  afterAll(() => stack.stop());

  it('is dispatched, claimed, logged, finished and published', async () => {
    const worker = await stack.addWorker(async (run) => {
      await run.say('one', 'two');
      await run.succeed();
    });
    const environment = await stack.addEnvironment();
    const id = await stack.request(environment, { ...CREATE, packages: ['rich'] } as typeof CREATE);
    const job = await stack.jobInStatus(id, 'completed', 'failed');
    expect(job).toMatchObject({
      status: 'completed',
      result: { revision: 1 },
      packages: ['rich'],
      attempt: 1,
    });
    expect(await stack.environmentRow(environment)).toMatchObject({ status: 'ready', revision: 1 });
    expect(worker.claims).toHaveLength(1);
    expect(worker.claims[0]!.work_order).toMatchObject({ job_id: id, type: 'create', phase: 'run' });
    const log = await (await stack.fetch(`/api/v1/jobs/${id}/logs`)).text();
    expect(log).toBe('one\ntwo\n');
    await worker.stop();
  });

  it('says why it waits', async () => {
    const id = await stack.request(await stack.addEnvironment());
    await waitFor(async () => (await stack.job(id)).waiting_for !== null, WAIT);
    expect((await stack.job(id)).waiting_for).toMatch(/worker/);
    const cancelled = await stack.fetch(`/api/v1/jobs/${id}/cancel`, { method: 'POST' });
    expect(cancelled.status).toBe(202);
    expect(await cancelled.json()).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } });
    const again = await stack.fetch(`/api/v1/jobs/${id}/cancel`, { method: 'POST' });
    expect([again.status, ((await again.json()) as { code: string }).code]).toEqual([409, 'job_finished']);
  });

  it('is cancelled while it runs, by message and by heartbeat', async () => {
    const worker = await stack.addWorker(async (run) => {
      await run.say('working');
      await waitFor(() => run.worker.cancels.has(run.jobId), WAIT);
      await run.finish({ outcome: 'cancelled' });
    });
    const environment = await stack.addEnvironment();
    const id = await stack.request(environment);
    await stack.jobInStatus(id, 'running');
    const answer = await stack.fetch(`/api/v1/jobs/${id}/cancel`, { method: 'POST' });
    expect(answer.status).toBe(202);
    expect(((await answer.json()) as { cancel_requested_at: string }).cancel_requested_at).not.toBeNull();
    expect(await stack.jobInStatus(id, 'cancelled')).toMatchObject({ error: { code: 'cancelled' } });
    expect(await stack.environmentRow(environment)).toMatchObject({ status: 'failed', revision: null });
    await worker.stop();
  });

  it('gives the same delivery the same claim and refuses another one', async () => {
    const seen: unknown[] = [];
    const worker = await stack.addWorker(async (run) => {
      const delivery = { job_id: run.jobId, dispatch_no: 1 };
      const [claim] = await stack.database.query('SELECT delivery_id FROM jobs.claims WHERE job_id = $1', [
        run.jobId,
      ]);
      seen.push((await run.worker.claim(delivery, (claim as { delivery_id: string }).delivery_id)).body);
      const other = await run.worker.claim(delivery);
      seen.push([other.status, (other.body as unknown as { code: string }).code]);
      await run.finish({
        outcome: 'failed',
        error: { code: 'x', family: 'user', message: 'no', extract: null },
      });
    });
    const id = await stack.request(await stack.addEnvironment());
    await stack.jobInStatus(id, 'failed');
    await waitFor(() => seen.length === 2, WAIT);
    expect(seen).toEqual([worker.claims[0], [409, 'delivery_superseded']]);
    await worker.stop();
  });

  it('lets nobody report for another worker, a later epoch, or a job that is over', async () => {
    const codes: Record<string, unknown> = {};
    const stranger = await stack.addWorker(async () => undefined, 1);
    await stranger.heartbeat();
    const worker = await stack.addWorker(async (run) => {
      const path = `/internal/jobs/${run.jobId}/epochs/${run.claim.epoch}`;
      const code = async (answer: Promise<{ status: number; body: unknown }>) => {
        const { status, body } = await answer;
        return [status, (body as { code?: string } | null)?.code];
      };
      codes['stranger'] = await code(stranger.post(`${path}/published`, {}));
      codes['strangerHeartbeat'] = await code(
        stranger.post(`/internal/workers/${run.worker.id}/heartbeat`, { jobs: [], draining: false }),
      );
      codes['later'] = await code(
        run.worker.post(`/internal/jobs/${run.jobId}/epochs/${run.claim.epoch + 1}/published`, {}),
      );
      const lines = run.lines(['first']);
      codes['log'] = await code(run.store(lines));
      codes['logAgain'] = await code(run.store(lines));
      codes['logHole'] = await code(
        run.store([{ ...lines[0]!, seq: 5 } as LogLine, { ...lines[0]!, seq: 7 } as LogLine]),
      );
      const failed = run.finish({
        outcome: 'failed',
        error: { code: 'unsatisfiable', family: 'user', message: 'no', extract: 'x' },
      });
      codes['finish'] = await code(failed);
      codes['finishAgain'] = await code(run.finish({ outcome: 'succeeded' }));
      codes['logAfter'] = await code(run.store(run.lines(['late'])));
      codes['logRepeatedAfter'] = await code(run.store(lines));
      codes['artifactAfter'] = await code(run.report('artifact', { digest: 'b'.repeat(64) }));
      codes['noToken'] = await code(run.worker.post(`${path}/published`, {}, 'x.y.z'));
      codes['done'] = true;
    });
    // The stranger must not get the job: it is busy as far as the dispatcher knows.
    await stack.database.query(`UPDATE jobs.workers SET draining = true WHERE id = $1`, [stranger.id]);
    const id = await stack.request(await stack.addEnvironment());
    await waitFor(() => codes['done'] === true, WAIT);
    expect(codes).toEqual({
      stranger: [409, 'stale_epoch'],
      strangerHeartbeat: [403, 'forbidden'],
      later: [409, 'stale_epoch'],
      log: [204, undefined],
      logAgain: [204, undefined],
      logHole: [422, 'bad_log_chunk'],
      finish: [200, undefined],
      finishAgain: [200, undefined],
      logAfter: [409, 'stale_epoch'],
      logRepeatedAfter: [204, undefined],
      artifactAfter: [409, 'stale_epoch'],
      noToken: [401, 'unauthenticated'],
      done: true,
    });
    expect(await stack.job(id)).toMatchObject({ status: 'failed', error: { code: 'unsatisfiable' } });
    await worker.stop();
    await stranger.stop();
  });
});
