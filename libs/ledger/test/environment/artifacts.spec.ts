import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LedgerFixture, digestOf, install } from '../fixture.js';
import type { Run } from '../fixture.js';

let fixture: LedgerFixture;
beforeAll(async () => {
  fixture = await LedgerFixture.start();
});
afterAll(() => fixture.stop());
beforeEach(() => fixture.reset());

async function startedRuns(...names: string[]): Promise<Run[]> {
  for (const name of names) await fixture.environment(name);
  const runs: Run[] = [];
  for (const dispatch of await fixture.dispatch()) {
    const { epoch, work_order: order } = await fixture.claim(dispatch);
    runs.push({ dispatch, epoch, order });
  }
  return runs;
}

const jobReferences = () =>
  fixture.query<{ holder_id: string; number: number }>(
    `SELECT holder_id, number FROM environments.artifact_refs WHERE kind = 'job'`,
  );

describe('a reservation', () => {
  it('is one identity and one new copy of a digest, at a path of its own', async () => {
    await fixture.worker(2);
    const [one, two] = (await startedRuns('one', 'two')) as [Run, Run];
    const first = await fixture.reserve(one.dispatch, one.epoch, digestOf('a'));
    const second = await fixture.reserve(two.dispatch, two.epoch, digestOf('a'));
    expect([first.state, second.state]).toEqual(['build', 'build']);
    expect(first.path).not.toBe(second.path);
    expect(await fixture.query('SELECT digest FROM environments.artifacts')).toEqual([
      { digest: digestOf('a') },
    ]);
    expect(await fixture.reserve(one.dispatch, one.epoch, digestOf('a'))).toEqual(first);
  });

  it('is let go when its epoch ends, and a tree that was not finished is left to deletion', async () => {
    await fixture.worker(4);
    const [failed, released, cancelled] = (await startedRuns('failed', 'released', 'cancelled')) as [
      Run,
      Run,
      Run,
    ];
    for (const [run, digest] of [
      [failed, 'b'],
      [released, 'c'],
      [cancelled, 'd'],
    ] as const) {
      await fixture.reserve(run.dispatch, run.epoch, digestOf(digest));
    }
    expect(await jobReferences()).toHaveLength(3);
    await fixture.fail(failed);
    await fixture.release(released);
    await fixture.finish(cancelled.dispatch, cancelled.epoch, { outcome: 'cancelled' });
    expect(await jobReferences()).toEqual([]);
    for (const digest of ['b', 'c', 'd']) {
      expect(await fixture.copyStates(digestOf(digest))).toEqual(['deleting']);
    }
  });

  it('of a worker that died is let go, too', async () => {
    const workerId = await fixture.worker();
    const [run] = (await startedRuns('dies')) as [Run];
    await fixture.reserve(run.dispatch, run.epoch, digestOf('e'));
    await fixture.lose(workerId);
    expect(await jobReferences()).toEqual([]);
    expect(await fixture.copyStates(digestOf('e'))).toEqual(['deleting']);
  });

  it('of a reused tree leaves it ready when the job fails', async () => {
    await fixture.worker();
    await fixture.readyEnvironment('owner', digestOf('f'));
    const [run] = (await startedRuns('borrower')) as [Run];
    expect((await fixture.reserve(run.dispatch, run.epoch, digestOf('f'))).state).toBe('reuse');
    await fixture.fail(run);
    expect(await fixture.copyStates(digestOf('f'))).toEqual(['ready']);
  });
});

describe('a copy that was offered and is not whole', () => {
  it('is marked damaged and built again in the same job; the first answer is not repeated', async () => {
    await fixture.worker();
    await fixture.readyEnvironment('owner', digestOf('1'));
    const [run] = (await startedRuns('finder')) as [Run];
    const offered = await fixture.reserve(run.dispatch, run.epoch, digestOf('1'));
    const built = await fixture.reserve(run.dispatch, run.epoch, digestOf('1'), offered.copy_id);
    expect([offered.state, built.state]).toEqual(['reuse', 'build']);
    expect(built.path).not.toBe(offered.path);
    // The answer was lost: the same call gets the same copy.
    expect(await fixture.reserve(run.dispatch, run.epoch, digestOf('1'), offered.copy_id)).toEqual(built);
    expect(await fixture.copyStates(digestOf('1'))).toEqual(['building', 'damaged']);
    const answer = await fixture.finish(run.dispatch, run.epoch, { copy_id: built.copy_id });
    expect(answer.artifact_path).toBe(built.path);
    expect(await fixture.copyStates(digestOf('1'))).toEqual(['damaged', 'ready']);
  });

  it('gives the environments that stand on it the new tree as their path', async () => {
    await fixture.worker();
    const environmentId = await fixture.readyEnvironment('stands', digestOf('2'));
    const [run] = (await startedRuns('mender')) as [Run];
    const offered = await fixture.reserve(run.dispatch, run.epoch, digestOf('2'));
    const built = await fixture.reserve(run.dispatch, run.epoch, digestOf('2'), offered.copy_id);
    await fixture.finish(run.dispatch, run.epoch, { copy_id: built.copy_id });
    await fixture.published(run.dispatch, run.epoch);
    await fixture.request(environmentId, { type: 'update', packages: null });
    const [event] = await fixture.query<{ path: string }>(
      `SELECT data->>'path' AS path FROM jobs.events WHERE resource_id = $1 ORDER BY id DESC LIMIT 1`,
      [environmentId],
    );
    expect(event!.path).toBe(`/store/${built.path}`);
  });

  it('of another store is not touched', async () => {
    await fixture.worker();
    await fixture.readyEnvironment('here', digestOf('3'));
    const [copy] = await fixture.query<{ id: string }>('SELECT id FROM environments.artifact_copies');
    await fixture.retireWorkers();
    await fixture.worker(2, uuidv7());
    const [run] = (await startedRuns('there')) as [Run];
    await fixture.reserve(run.dispatch, run.epoch, digestOf('3'), copy!.id);
    expect(await fixture.copyStates(digestOf('3'))).toEqual(['building', 'ready']);
  });

  it('that two jobs find at once is built by both, and one of them wins', async () => {
    await fixture.worker(3);
    await fixture.readyEnvironment('owner', digestOf('4'));
    const [one, two] = (await startedRuns('one', 'two')) as [Run, Run];
    const [offer] = [await fixture.reserve(one.dispatch, one.epoch, digestOf('4'))];
    await fixture.reserve(two.dispatch, two.epoch, digestOf('4'));
    const builds = await Promise.all(
      [one, two].map((run) => fixture.reserve(run.dispatch, run.epoch, digestOf('4'), offer.copy_id)),
    );
    expect(builds.map(({ state }) => state)).toEqual(['build', 'build']);
    const answers = await Promise.all(
      [one, two].map((run, index) =>
        fixture.finish(run.dispatch, run.epoch, { copy_id: builds[index]!.copy_id }),
      ),
    );
    expect(answers[0]!.artifact_path).toBe(answers[1]!.artifact_path);
  });

  it('turns a finish with it into an error that says so', async () => {
    await fixture.worker(2);
    await fixture.readyEnvironment('owner', digestOf('5'));
    const [one, two] = (await startedRuns('one', 'two')) as [Run, Run];
    const offered = await fixture.reserve(one.dispatch, one.epoch, digestOf('5'));
    await fixture.reserve(two.dispatch, two.epoch, digestOf('5'));
    await fixture.reserve(two.dispatch, two.epoch, digestOf('5'), offered.copy_id);
    await expect(fixture.finish(one.dispatch, one.epoch, { copy_id: offered.copy_id })).rejects.toMatchObject(
      { code: 'unknown_artifact' },
    );
  });
});

describe('two stores with one digest (issue 6, seen to fail 3)', () => {
  it('both become ready, each in its store', async () => {
    const stores = [uuidv7(), uuidv7()];
    for (const store of stores) await fixture.worker(1, store);
    const runs = await startedRuns('first', 'second');
    const built = await Promise.all(
      runs.map((run) => fixture.reserve(run.dispatch, run.epoch, digestOf('6'))),
    );
    expect(built.map(({ state }) => state)).toEqual(['build', 'build']);
    await Promise.all(
      runs.map((run, index) => fixture.finish(run.dispatch, run.epoch, { copy_id: built[index]!.copy_id })),
    );
    for (const run of runs) await fixture.published(run.dispatch, run.epoch);
    expect(await fixture.copyStates(digestOf('6'))).toEqual(['ready', 'ready']);
    const rows = await fixture.query<{ store_id: string; status: string }>(
      'SELECT store_id, status FROM environments.environments',
    );
    expect(rows.map(({ store_id }) => store_id).sort()).toEqual(stores.sort());
    expect(rows.map(({ status }) => status)).toEqual(['ready', 'ready']);
  });

  it('bind an environment, and the jobs that wait already, to the store of its first revision', async () => {
    const here = uuidv7();
    await fixture.worker(1, here);
    const { job } = await fixture.environment('bound');
    const waiting = await fixture.request(job.subject_id, install('six'));
    expect(waiting.job.store_id).toBeNull();
    await fixture.complete(digestOf('7'));
    expect((await fixture.job(waiting.job.id)).store_id).toBe(here);
    expect((await fixture.request(job.subject_id, install('rich'))).job.store_id).toBe(here);
    await fixture.retireWorkers();
    await fixture.worker(4, uuidv7());
    expect(await fixture.dispatch()).toEqual([]);
    expect((await fixture.job(waiting.job.id)).waiting_for).toContain("the environment's files");
    const back = await fixture.worker(1, here);
    expect(await fixture.dispatch()).toMatchObject([{ job_id: waiting.job.id, worker_id: back }]);
  });

  it('send what is committed back to its store, where the tree is', async () => {
    const here = uuidv7();
    const first = await fixture.worker(1, here);
    await fixture.environment('committed');
    const run = await fixture.start();
    await fixture.commit(run, digestOf('8'));
    await fixture.lose(first);
    await fixture.worker(1, uuidv7());
    expect(await fixture.dispatch()).toEqual([]);
    await fixture.worker(1, here);
    expect((await fixture.start()).order).toMatchObject({ publish: { copy_id: expect.any(String) } });
  });

  it('let a create that was lost before its first revision go to any of them', async () => {
    const first = await fixture.worker(1, uuidv7());
    await fixture.environment('free');
    await fixture.start();
    await fixture.lose(first);
    await fixture.worker(1, uuidv7());
    expect(await fixture.dispatch()).toHaveLength(1);
  });
});
