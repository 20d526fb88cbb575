import { valkey, waitFor } from '@darb/testing';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JobsStack, WAIT } from './support/jobs-stack.js';
import type { ScriptedRun } from './support/scripted-worker.js';

/** A lease of 10 s must pass, and a busy machine may make that much more. */
const LOSS = { timeoutMs: 60_000 };

describe('what dies half way', () => {
  let stack: JobsStack;

  beforeAll(async () => {
    stack = await JobsStack.start();
  });
  afterAll(() => stack.stop());

  it('a job whose worker is lost runs again, its log is kept, and the zombie changes nothing', async () => {
    let zombie: ScriptedRun | undefined;
    const first = await stack.addWorker(async (run) => {
      await run.say('stored');
      await run.sayLive(run.lines(['only in the tail']));
      zombie = run;
      await waitFor(() => false, LOSS).catch(() => undefined);
    });
    const environment = await stack.addEnvironment();
    const id = await stack.request(environment);
    await waitFor(() => zombie !== undefined, WAIT);
    await first.kill();
    const second = await stack.addWorker(async (run) => {
      await run.say('again');
      await run.succeed();
    });
    await waitFor(async () => (await stack.job(id)).status === 'completed', LOSS);
    expect(second.claims[0]).toMatchObject({ epoch: 2 });
    expect(await stack.job(id)).toMatchObject({ attempt: 2, result: { revision: 1 } });

    for (const what of ['artifact', 'finish', 'published', 'release']) {
      const answers = {
        artifact: () => zombie!.report('artifact', { digest: 'c'.repeat(64) }),
        finish: () => zombie!.finish({ outcome: 'failed' }),
        published: () => zombie!.report('published'),
        release: () => zombie!.report('release', { reason: 'late' }),
      };
      const { status, body } = await answers[what as keyof typeof answers]();
      expect([what, status, (body as { code: string }).code]).toEqual([what, 409, 'stale_epoch']);
    }
    expect((await zombie!.store(zombie!.lines(['late']))).status).toBe(409);
    expect(await first.heartbeat()).toMatchObject({ known: false, jobs: [{ id, stale: true }] });
    expect((await zombie!.report<{ highest: object }>('published')).body.highest).toMatchObject({
      revision: 1,
    });

    await waitFor(async () => (await logOf(id)).includes('worker that ran this job was lost'), LOSS);
    expect((await logOf(id)).split('\n')).toEqual([
      'stored',
      'only in the tail',
      'The worker that ran this job was lost; the log of this attempt ends here.',
      'again',
      '',
    ]);
    await second.stop();
  });

  it('a job that was committed when its worker died is only published by the next one', async () => {
    let isCommitted = false;
    const first = await stack.addWorker(async (run) => {
      const artifact = await run.report<{ copy_id: string }>('artifact', { digest: 'd'.repeat(64) });
      await run.finish({
        manifest: '[project]',
        lockfile: 'version = 1',
        digest: 'd'.repeat(64),
        copy_id: artifact.body.copy_id,
      });
      isCommitted = true;
      await waitFor(() => false, LOSS).catch(() => undefined);
    });
    const environment = await stack.addEnvironment();
    const id = await stack.request(environment);
    await waitFor(() => isCommitted, WAIT);
    const tooLate = await stack.fetch(`/api/v1/jobs/${id}/cancel`, { method: 'POST' });
    expect([tooLate.status, ((await tooLate.json()) as { code: string }).code]).toEqual([
      409,
      'already_committed',
    ]);
    await first.kill();
    const second = await stack.addWorker(async (run) => {
      await run.report('published');
    });
    await waitFor(async () => (await stack.job(id)).status === 'completed', LOSS);
    expect(second.claims[0]!.work_order).toMatchObject({ phase: 'publish_only', publish: { revision: 1 } });
    expect(second.claims[0]!.work_order).toMatchObject({
      publish: { path: expect.stringMatching(/^pools\/shared\/store\/uv-d+-/) },
    });
    expect(await stack.environmentRow(environment)).toMatchObject({ status: 'ready', revision: 1 });
    await second.stop();
  });

  it('a job that was claimed in the moment in which its worker was taken for lost runs again', async () => {
    let isClaimed = false;
    const first = await stack.addWorker(async () => {
      isClaimed = true;
      await waitFor(() => false, LOSS).catch(() => undefined);
    });
    const id = await stack.request(await stack.addEnvironment());
    await waitFor(() => isClaimed, WAIT);
    await stack.database.query('UPDATE jobs.workers SET ended_at = now() WHERE id = $1', [first.id]);
    const second = await stack.addWorker((run) => run.succeed('2'.repeat(64)).then(() => undefined));
    await waitFor(async () => (await stack.job(id)).status === 'completed', LOSS);
    expect(second.claims[0]).toMatchObject({ epoch: 2 });
    await first.kill();
    await second.stop();
  });

  it('a released job costs no attempt', async () => {
    const worker = await stack.addWorker(async (run) => {
      if (run.claim.epoch === 1) await run.report('release', { reason: 'stopping' });
      else await run.succeed('e'.repeat(64));
    });
    const id = await stack.request(await stack.addEnvironment());
    expect(await stack.jobInStatus(id, 'completed')).toMatchObject({ attempt: 1 });
    await worker.stop();
  });

  it('waiting jobs come through when Valkey is wiped', async () => {
    const redis = new Redis(`redis://${valkey().addr}`);
    const worker = await stack.addWorker((run) => run.succeed('f'.repeat(64)).then(() => undefined), 2);
    const ids = [];
    for (let index = 0; index < 20; index += 1) ids.push(await stack.request(await stack.addEnvironment()));
    // The run's Valkey is shared, so only what is this Darb's is wiped.
    const keys = await redis.keys(`${stack.prefix}:*`);
    if (keys.length > 0) await redis.del(keys);
    for (const id of ids) await waitFor(async () => (await stack.job(id)).status === 'completed', LOSS);
    expect(worker.claims.map((claim) => claim.work_order.job_id).sort()).toEqual([...ids].sort());
    await worker.stop();
    redis.disconnect();
  });

  it('all connections to the database may be cut while a job runs', async () => {
    let mayEnd = false;
    const worker = await stack.addWorker(async (run) => {
      await run.say('before');
      await waitFor(() => mayEnd, LOSS);
      await run.say('after');
      await run.succeed('3'.repeat(64));
    });
    const id = await stack.request(await stack.addEnvironment());
    await stack.jobInStatus(id, 'running');
    const admin = new pg.Client({ connectionString: stack.dsn });
    await admin.connect();
    await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    await admin.end();
    mayEnd = true;
    await stack.jobInStatus(id, 'completed');
    const next = await stack.request(await stack.addEnvironment());
    await stack.jobInStatus(next, 'completed');
    expect(await logOf(id)).toBe('before\nafter\n');
    await worker.stop();
  });

  it('the service itself may stop and start while a job runs', async () => {
    let mayEnd = false;
    const worker = await stack.addWorker(async (run) => {
      await run.say('before');
      await waitFor(() => mayEnd, LOSS);
      await run.say('after');
      await run.succeed('1'.repeat(64));
    });
    const id = await stack.request(await stack.addEnvironment());
    await stack.jobInStatus(id, 'running');
    await stack.restartService();
    mayEnd = true;
    await stack.jobInStatus(id, 'completed');
    expect(worker.claims).toHaveLength(1);
    expect(await logOf(id)).toBe('before\nafter\n');
    await worker.stop();
  });

  async function logOf(id: string): Promise<string> {
    return (await stack.fetch(`/api/v1/jobs/${id}/logs`)).text();
  }
});
