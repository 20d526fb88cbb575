import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dispatchPass, withdrawOverdue } from '../../src/index.js';
import type { Dispatch, RunningLimits } from '../../src/index.js';
import { CREATE, LedgerFixture, NETWORK, UV, digestOf, install } from '../fixture.js';
import type { EnvironmentColumns } from '../fixture.js';

let fixture: LedgerFixture;
beforeAll(async () => {
  fixture = await LedgerFixture.start();
});
afterAll(() => fixture.stop());
beforeEach(() => fixture.reset());

let named = 0;
/** A waiting create; `as` is its user, `of` its organization. @returns its id */
async function waiting(more: EnvironmentColumns & { as?: string; of?: string; priority?: number } = {}) {
  const { as = fixture.userId, of = fixture.organizationId, ...rest } = more;
  const request = { requester: { userId: as }, ...rest };
  const { job } = await fixture.environment(`n${(named += 1)}`, of, CREATE, request);
  return job.id;
}

const idsOf = (dispatches: readonly Dispatch[]) => dispatches.map(({ job_id }) => job_id).sort();
const reasonOf = async (jobId: string) => (await fixture.job(jobId)).waiting_for;

describe('fair shares', () => {
  it('give each organization as much as the others, however many jobs it has', async () => {
    await fixture.worker(6);
    const organizations = [uuidv7(), uuidv7(), uuidv7()];
    for (let index = 0; index < 8; index += 1) await waiting({ of: organizations[0]! });
    for (const of of organizations.slice(1)) for (let index = 0; index < 3; index += 1) await waiting({ of });
    const dispatched = idsOf(await fixture.dispatch());
    const shares = await fixture.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM jobs.jobs WHERE id = ANY($1) GROUP BY organization_id',
      [dispatched],
    );
    expect(shares.map(({ count }) => count)).toEqual([2, 2, 2]);
  });

  it('count what runs already', async () => {
    await fixture.worker(3);
    const busy = uuidv7();
    await waiting({ of: busy });
    await waiting({ of: busy });
    for (const dispatch of await fixture.dispatch()) await fixture.claim(dispatch);
    await waiting({ of: busy, priority: 9 });
    const idle = await waiting({ of: uuidv7() });
    expect(idsOf(await fixture.dispatch())).toEqual([idle]);
  });

  it('are given to the users of one organization, too', async () => {
    await fixture.worker(4);
    const [many, few] = [uuidv7(), uuidv7()];
    for (let index = 0; index < 6; index += 1) await waiting({ as: many });
    const fair = [await waiting({ as: few }), await waiting({ as: few })];
    expect(idsOf(await fixture.dispatch())).toEqual(expect.arrayContaining(fair.sort()));
  });

  it('leave priority, then age, to decide between equals', async () => {
    await fixture.worker(2);
    const old = await waiting();
    const young = await waiting();
    const urgent = await waiting({ priority: 1 });
    expect(idsOf(await fixture.dispatch())).toEqual([urgent, old].sort());
    expect(await reasonOf(young)).toBe('a free slot: all 2 are busy');
  });

  it('let work on a store come before a busy organization, since it is nobody’s', async () => {
    const storeId = uuidv7();
    await fixture.worker(2, storeId);
    await waiting();
    await fixture.start();
    await waiting({ priority: 5 });
    const { job } = await fixture.ask({ type: 'store', id: storeId }, { type: 'verify' });
    expect(idsOf(await fixture.dispatch())).toEqual([job.id]);
  });
});

describe('requirements', () => {
  const uv = (version: string, ...pythons: string[]) => ({
    managers: [
      {
        ...UV,
        version,
        interpreters: pythons.map((python) => ({
          implementation: 'cpython',
          version: python,
          abi: null,
          path: '/p',
        })),
      },
    ],
  });
  const require = (jobId: string, requirements: object) =>
    fixture.query('UPDATE jobs.jobs SET requirements = requirements || $2 WHERE id = $1', [
      jobId,
      requirements,
    ]);

  it('send a job to the manager version that it asks for', async () => {
    await fixture.worker(1, uuidv7(), uv('0.12.0'));
    const newer = await fixture.worker(1, uuidv7(), uv('0.14.1'));
    const job = await waiting();
    await require(job, { manager: { type: 'uv', versions: '>=0.14' } });
    expect(await fixture.dispatch()).toMatchObject([{ job_id: job, worker_id: newer }]);
  });

  it('send a job to the worker that has its Python, and wait for it while it is busy', async () => {
    await fixture.worker(2, uuidv7(), uv('0.13.8', '3.11.4'));
    const able = await fixture.worker(1, uuidv7(), uv('0.13.8', '3.12.1'));
    const [first, second] = [await waiting({ python: '3.12' }), await waiting({ python: '3.12' })];
    expect(await fixture.dispatch()).toMatchObject([{ job_id: first, worker_id: able }]);
    expect(await reasonOf(second)).toMatch(/^a free slot/);
  });

  it('do not wait for ever for a Python that nobody has: the job says so itself', async () => {
    await fixture.worker(1, uuidv7(), uv('0.13.8', '3.11.4'));
    const job = await waiting({ python: '2.7' });
    expect(idsOf(await fixture.dispatch())).toEqual([job]);
  });

  it('follow platform and labels of the environment', async () => {
    const plain = await fixture.worker(2);
    const special = await fixture.worker(1, uuidv7(), { platform: 'osx-arm64', labels: { gpu: 'a100' } });
    const mac = await waiting({ platforms: ['osx-arm64'] });
    expect(await fixture.dispatch()).toMatchObject([{ job_id: mac, worker_id: special }]);
    const gpu = await waiting({ labels: { 'worker/gpu': 'h100', team: 'x' } });
    expect(await fixture.dispatch()).toEqual([]);
    expect(await reasonOf(gpu)).toBe('a worker that has uv and label gpu=h100: none is connected');
    const any = await waiting({ labels: { team: 'x' } });
    expect(await fixture.dispatch()).toMatchObject([{ job_id: any, worker_id: plain }]);
  });

  it('never hide a job behind 500 others of its organization that nobody can run', async () => {
    await fixture.worker(2);
    const first = await waiting({ priority: 1 });
    await require(first, { manager: { type: 'pixi' } });
    await copyJob(fixture, first, 500);
    const possible = await waiting();
    expect(idsOf(await fixture.dispatch())).toEqual([possible]);
    expect(idsOf(await fixture.dispatch())).toEqual([]);
  });
});

describe('a job that must run alone', () => {
  const alone = (jobId: string) =>
    fixture.query('UPDATE jobs.jobs SET runs_alone = true WHERE id = $1', [jobId]);

  it('reserves a worker, and runs although 300 others wait and come', async () => {
    await fixture.worker(2);
    const busy = [await waiting({ of: uuidv7() }), await waiting({ of: uuidv7() })];
    const running = [];
    for (const dispatch of await fixture.dispatch()) {
      running.push({ dispatch, epoch: (await fixture.claim(dispatch)).epoch });
    }
    const special = await waiting();
    await alone(special);
    await copyJob(fixture, busy[0]!, 300);
    for (const { dispatch, epoch } of running) {
      expect(idsOf(await fixture.dispatch())).toEqual([]);
      await fixture.finish(dispatch, epoch, { outcome: 'cancelled' });
    }
    expect(idsOf(await fixture.dispatch())).toEqual([special]);
    expect(idsOf(await fixture.dispatch())).toEqual([]);
    const [other] = await fixture.query<{ waiting_for: string }>(
      `SELECT waiting_for FROM jobs.jobs WHERE status = 'pending' AND worker_id IS NULL AND waiting_for IS NOT NULL LIMIT 1`,
    );
    expect(other!.waiting_for).toMatch(/^a free slot/);
  });

  it('leaves the other workers to the others, and reserves the one that they miss least', async () => {
    const small = await fixture.worker(1);
    const big = await fixture.worker(4);
    await waiting();
    await waiting();
    const started = await fixture.dispatch();
    expect(started.map(({ worker_id }) => worker_id).sort()).toEqual([small, big].sort());
    const special = await waiting();
    await alone(special);
    await waiting();
    await waiting();
    const given = await fixture.dispatch();
    expect(given.map(({ worker_id }) => worker_id)).toEqual([big, big]);
    expect(await reasonOf(special)).toMatch(/^a worker to itself/);
  });

  it('shares its worker with nobody while it runs', async () => {
    await fixture.worker(4);
    const special = await waiting();
    await alone(special);
    const other = await waiting();
    expect(idsOf(await fixture.dispatch())).toEqual([special]);
    expect(idsOf(await fixture.dispatch())).toEqual([]);
    expect(await reasonOf(other)).toMatch(/^a free slot/);
  });
});

describe('running limits', () => {
  const dispatch = (limits: RunningLimits) => fixture.tx((tx) => dispatchPass(tx, limits));

  it('hold back an organization, and say so', async () => {
    await fixture.worker(8);
    const jobs = [await waiting(), await waiting(), await waiting()];
    const other = await waiting({ of: uuidv7() });
    const dispatched = await dispatch({ perOrganization: 2, perUser: 0 });
    expect(idsOf(dispatched)).toEqual([jobs[0]!, jobs[1]!, other].sort());
    expect(await reasonOf(jobs[2]!)).toBe('one of the 2 running jobs of its organization to end');
  });

  it('hold back a user, and let the others run', async () => {
    await fixture.worker(8);
    const mine = [await waiting(), await waiting()];
    const theirs = await waiting({ as: uuidv7() });
    expect(idsOf(await dispatch({ perOrganization: 0, perUser: 1 }))).toEqual([mine[0]!, theirs].sort());
    expect(await reasonOf(mine[1]!)).toBe('one of the 1 running jobs of its user to end');
  });
});

describe('a pass', () => {
  it('never gives a lane more than its first job', async () => {
    await fixture.worker(8);
    const { job } = await fixture.environment('lane');
    for (let index = 0; index < 3; index += 1)
      await fixture.request(job.subject_id, install(`p${index}`), { priority: 9 });
    expect(idsOf(await fixture.dispatch())).toEqual([job.id]);
  });

  it('gives nothing while another replica is at it', async () => {
    await fixture.worker();
    await waiting();
    await fixture.tx(async (tx) => {
      await tx.query('SELECT pg_advisory_xact_lock(7203412)');
      expect(await fixture.dispatch()).toEqual([]);
    });
    expect(await fixture.dispatch()).toHaveLength(1);
  });

  it('never gives a job twice when many replicas pass at once', async () => {
    for (let index = 0; index < 3; index += 1) await fixture.worker(3);
    for (let index = 0; index < 12; index += 1) await waiting();
    const passes = await Promise.all(Array.from({ length: 6 }, () => fixture.dispatch()));
    const given = [...passes.flat(), ...(await fixture.dispatch())].map(({ job_id }) => job_id);
    expect(new Set(given).size).toBe(given.length);
    expect(given).toHaveLength(9);
  });

  it('is not held up by a job that somebody else has locked', async () => {
    await fixture.worker(8);
    const [locked, free] = [await waiting(), await waiting()];
    await fixture.tx(async (tx) => {
      await tx.query('SELECT 1 FROM jobs.jobs WHERE id = $1 FOR UPDATE', [locked]);
      expect(idsOf(await fixture.dispatch())).toEqual([free]);
    });
    expect(idsOf(await fixture.dispatch())).toEqual([locked]);
  });

  it('spreads jobs over workers, the emptier first', async () => {
    const workers = [await fixture.worker(2), await fixture.worker(2)];
    await waiting();
    await waiting();
    const given = await fixture.dispatch();
    expect(given.map(({ worker_id }) => worker_id).sort()).toEqual(workers.sort());
  });

  it('leaves a job alone until its next attempt is due, and drained or silent workers out', async () => {
    const workerId = await fixture.worker();
    await waiting();
    await fixture.fail(await fixture.start(), NETWORK);
    expect(await fixture.dispatch()).toEqual([]);
    await fixture.query('UPDATE jobs.jobs SET not_before = NULL');
    await fixture.query(`UPDATE jobs.workers SET heartbeat_at = now() - interval '1 minute'`);
    expect(await fixture.dispatch()).toEqual([]);
    await fixture.query(`UPDATE jobs.workers SET heartbeat_at = now(), drain_requested = true`);
    expect(await fixture.dispatch()).toEqual([]);
    await fixture.query('UPDATE jobs.workers SET drain_requested = false');
    expect(await fixture.dispatch()).toMatchObject([{ worker_id: workerId }]);
  });

  it('writes a reason once, not at every pass', async () => {
    await waiting();
    await fixture.dispatch();
    const events = async () => (await fixture.query('SELECT 1 FROM jobs.events')).length;
    const before = await events();
    await fixture.dispatch();
    expect(await events()).toBe(before);
  });

  it('frees the slot of a dispatch that nobody claimed in five seconds', async () => {
    await fixture.worker(1);
    const first = await waiting();
    await fixture.dispatch();
    expect(await fixture.tx(withdrawOverdue)).toEqual([]);
    await fixture.query(`UPDATE jobs.jobs SET dispatched_at = now() - interval '6 seconds'`);
    expect(idsOf(await fixture.tx(withdrawOverdue))).toEqual([first]);
    expect(idsOf(await fixture.dispatch())).toEqual([first]);
  });
});

it('a tree that is ready counts for the environment of the next job, too', async () => {
  await fixture.worker();
  await fixture.readyEnvironment('one', digestOf('a'));
  await waiting();
  const run = await fixture.start();
  expect(await fixture.reserve(run.dispatch, run.epoch, digestOf('a'))).toMatchObject({ state: 'reuse' });
});

/** Waiting jobs like this one, each of an environment of its own. */
function copyJob(from: LedgerFixture, jobId: string, count: number): Promise<unknown[]> {
  return from.query(
    `INSERT INTO jobs.jobs (id, type, subject_type, subject_id, subject_name, organization_id, lane, lane_seq,
       requested_by, change, requirements, priority)
     SELECT gen_random_uuid(), type, subject_type, s.id, 'copy', organization_id, 'environment:' || s.id, 1,
       requested_by, change, requirements, priority
     FROM jobs.jobs, (SELECT gen_random_uuid() AS id FROM generate_series(1, $2)) s WHERE jobs.id = $1`,
    [jobId, count],
  );
}
