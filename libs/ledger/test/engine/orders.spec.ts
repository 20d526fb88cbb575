/** Changes of one environment that end in every order and way: what worked keeps working. */
import type { Change } from '@darb/models';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loseOrphan } from '../../src/index.js';
import { CREATE, LedgerFixture, NOT_FOUND, digestOf, install } from '../fixture.js';
import type { Run } from '../fixture.js';

const ENDS = ['complete', 'fail', 'cancel', 'lose'] as const;
/** `withdraw`: cancelled while it still waits behind another one. */
type End = (typeof ENDS)[number] | 'withdraw';

const DELETES = ['none', 'complete', 'fail', 'withdraw'] as const;
type DeleteEnd = (typeof DELETES)[number];

interface Scenario {
  ends: readonly End[];
  deleteEnd: DeleteEnd;
  environmentId: string;
  jobIds: string[];
}

const LATER: readonly End[] = [...ENDS, 'withdraw'];
const OF_TWO: End[][] = ENDS.flatMap((first) => LATER.map((second) => [first, second]));
/** The ways that differ in what they do to an environment: cancelled while it runs is like failed there. */
const PLAIN: readonly End[] = ['complete', 'fail', 'withdraw'];
const OF_THREE: End[][] = ENDS.flatMap((first) =>
  PLAIN.flatMap((second) => PLAIN.map((third) => [first, second, third])),
);
const BEFORE_DELETE: End[][] = OF_TWO.filter(
  ([first, second]) => first !== 'lose' && PLAIN.includes(second!),
);

describe('changes of one environment', () => {
  let fixture: LedgerFixture;
  beforeAll(async () => {
    fixture = await LedgerFixture.start();
  });
  afterAll(() => fixture.stop());
  beforeEach(() => fixture.reset());

  it('leave it ready when the second is cancelled while the first creates it (issue 6, seen to fail 1)', async () => {
    await fixture.worker();
    const create: Change = { ...CREATE, type: 'create', packages: ['rich'] } as Change;
    const { job } = await fixture.environment('cancelled-second', fixture.organizationId, create);
    const run = await fixture.start();
    const second = await fixture.request(job.subject_id, install('six'));
    await fixture.cancel(second.job.id);
    expect(await fixture.environmentStatus(job.subject_id)).toBe('creating');
    await fixture.commit(run, digestOf('a'));
    await fixture.published(run.dispatch, run.epoch);
    expect((await fixture.job(job.id)).status).toBe('completed');
    expect((await fixture.job(second.job.id)).status).toBe('cancelled');
    expect(await fixture.environmentRow(job.subject_id)).toMatchObject({
      status: 'ready',
      published_revision: 1,
      last_error: null,
    });
  });

  it.each([
    ['two', OF_TWO],
    ['three', OF_THREE],
  ])('of which there are %s end in any way without breaking what was published', async (_count, all) => {
    const scenarios = await Promise.all(all.map((ends) => begin(fixture, ends, 'none')));
    await runAll(fixture, scenarios);
    for (const scenario of scenarios) await check(fixture, scenario);
  });

  it.each(['complete', 'fail', 'withdraw'] as const)(
    'end in any way with a delete behind them that ends with %s',
    async (deleteEnd) => {
      const scenarios = await Promise.all(BEFORE_DELETE.map((ends) => begin(fixture, ends, deleteEnd)));
      await runAll(fixture, scenarios);
      for (const scenario of scenarios) await check(fixture, scenario);
    },
  );
});

async function begin(fixture: LedgerFixture, ends: readonly End[], deleteEnd: DeleteEnd): Promise<Scenario> {
  const { job } = await fixture.environment(`${ends.join('-')}-${deleteEnd}`);
  const jobIds = [job.id];
  for (let index = 1; index < ends.length; index += 1) {
    jobIds.push((await fixture.request(job.subject_id, install(`p${index}`))).job.id);
  }
  return { ends, deleteEnd, environmentId: job.subject_id, jobIds };
}

/** All scenarios side by side: in each round, every environment's first job is run and ended its way. */
async function runAll(fixture: LedgerFixture, scenarios: Scenario[]): Promise<void> {
  const workerId = await fixture.worker(scenarios.length);
  for (const { ends, jobIds } of scenarios) {
    await Promise.all(jobIds.map((id, index) => (ends[index] === 'withdraw' ? fixture.cancel(id) : null)));
  }
  const lost = new Set<string>();
  for (let dispatches = await fixture.dispatch(); dispatches.length > 0;) {
    await Promise.all(
      dispatches.map(async (dispatch) => {
        const { epoch, work_order: order } = await fixture.claim(dispatch);
        const scenario = scenarios.find(({ jobIds }) => jobIds.includes(dispatch.job_id))!;
        const run = { dispatch, epoch, order };
        const end = scenario.ends[scenario.jobIds.indexOf(dispatch.job_id)]!;
        if (end === 'lose' && !lost.has(dispatch.job_id)) {
          lost.add(dispatch.job_id);
          await fixture.tx((tx) => loseOrphan(tx, { jobId: dispatch.job_id, workerId }));
          // Else each of them would want a worker to itself.
          await fixture.query('UPDATE jobs.jobs SET runs_alone = false WHERE id = $1', [dispatch.job_id]);
        } else await endRun(fixture, run, end);
      }),
    );
    dispatches = await fixture.dispatch();
  }
  await Promise.all(scenarios.map((scenario) => endDelete(fixture, scenario)));
  await runDeletes(fixture, scenarios);
}

async function endRun(fixture: LedgerFixture, run: Run, end: End): Promise<void> {
  if (end === 'fail') await fixture.fail(run);
  else if (end === 'cancel') {
    await fixture.cancel(run.dispatch.job_id);
    await fixture.finish(run.dispatch, run.epoch, { outcome: 'cancelled' });
  } else {
    await fixture.commit(run, uuidv7().replaceAll('-', '').padEnd(64, '0'));
    await fixture.published(run.dispatch, run.epoch);
  }
}

async function endDelete(fixture: LedgerFixture, { deleteEnd, environmentId }: Scenario): Promise<void> {
  if (deleteEnd === 'none') return;
  const before = await fixture.environmentStatus(environmentId);
  const { job } = await fixture.request(environmentId, { type: 'delete' });
  expect(await fixture.environmentStatus(environmentId)).toBe('deleting');
  if (deleteEnd !== 'withdraw') return;
  await fixture.cancel(job.id);
  expect(await fixture.environmentStatus(environmentId)).toBe(before);
}

async function runDeletes(fixture: LedgerFixture, scenarios: Scenario[]): Promise<void> {
  for (const dispatch of await fixture.dispatch()) {
    const { epoch, work_order: order } = await fixture.claim(dispatch);
    const scenario = scenarios.find(({ environmentId }) => environmentId === order.subject.id)!;
    if (scenario.deleteEnd === 'fail') {
      await fixture.finish(dispatch, epoch, { outcome: 'failed', error: NOT_FOUND });
    } else {
      await fixture.finish(dispatch, epoch, { manifest: null, lockfile: null });
      await fixture.published(dispatch, epoch);
    }
  }
}

const JOB_STATUS = {
  complete: 'completed',
  lose: 'completed',
  fail: 'failed',
  cancel: 'cancelled',
  withdraw: 'cancelled',
};

async function check(fixture: LedgerFixture, scenario: Scenario): Promise<void> {
  const { ends, deleteEnd, environmentId, jobIds } = scenario;
  const name = `${ends.join(', ')}; delete: ${deleteEnd}`;
  const published = ends.filter((end) => JOB_STATUS[end] === 'completed').length;
  const environment = await fixture.environmentRow(environmentId);
  expect(environment.published_revision, name).toBe(published === 0 ? null : published);
  const living = published > 0 ? 'ready' : 'failed';
  expect(environment.status, name).toBe(deleteEnd === 'complete' ? 'deleted' : living);
  for (const [index, id] of jobIds.entries()) {
    expect((await fixture.job(id)).status, `${name}: job ${index}`).toBe(JOB_STATUS[ends[index]!]);
  }
  const seen = await fixture.query<{ status: string; revision: number | null }>(
    `SELECT data->>'status' AS status, (data->>'revision')::int AS revision FROM jobs.events
     WHERE type = 'environment' AND resource_id = $1 ORDER BY id`,
    [environmentId],
  );
  expect(seen.filter(({ status, revision }) => status === 'failed' && revision !== null)).toEqual([]);
}
