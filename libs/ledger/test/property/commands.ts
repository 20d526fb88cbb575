/** Everything that can happen, as commands of fast-check; each takes whatever its numbers point at. */
import type { Change, FinishRequest } from '@darb/models';
import * as fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { expect } from 'vitest';
import { expireJob, loseForgotten, withdrawOverdue } from '../../src/index.js';
import { digestOf, install, NETWORK, NOT_FOUND } from '../fixture.js';
import { checkInvariants } from './invariants.js';
import { orRefused, pick } from './world.js';
import type { HeldRun, Model, World } from './world.js';

type Act = (world: World, model: Model) => Promise<void>;

class Command implements fc.AsyncCommand<Model, World> {
  constructor(
    private readonly name: string,
    private readonly act: Act,
  ) {}

  check = () => true;

  async run(model: Model, world: World): Promise<void> {
    await this.act(world, model);
    await checkInvariants(world.fixture, model);
  }

  toString = () => this.name;
}

const index = fc.nat({ max: 1_000 });

function command(name: string, act: (world: World, index: number, model: Model) => Promise<void>) {
  return index.map((at) => new Command(`${name}(${at})`, (world, model) => act(world, at, model)));
}

/** Acts on one of the runs that go on, or now and then on one that is over. */
async function onRun(world: World, at: number, act: (run: HeldRun) => Promise<unknown>): Promise<void> {
  const run = at % 8 === 0 ? pick(world.over, at) : pick(world.runs, at);
  if (!run) return;
  await orRefused(act(run));
  await sortRuns(world);
}

/** Puts aside what is over: a worker may still report it. */
async function sortRuns(world: World): Promise<void> {
  const open = await world.fixture.query<{ id: string }>(
    `SELECT job_id || ' ' || epoch AS id FROM jobs.claims WHERE ended_at IS NULL`,
  );
  const isOpen = (run: HeldRun) => open.some(({ id }) => id === `${run.dispatch.job_id} ${run.epoch}`);
  world.over.push(...world.runs.filter((run) => !isOpen(run)));
  world.runs = world.runs.filter(isOpen);
}

const CHANGES: Change[] = [
  install('six'),
  { type: 'update', packages: null },
  { type: 'apply', manifest: 'text', lockfile: null },
  { type: 'rollback', revision: 1 },
  { type: 'plan', change: { type: 'remove', packages: ['six'] } },
  { type: 'export', format: 'uv.lock' },
];

async function request(world: World, environmentId: string, change: Change): Promise<void> {
  const requested = await orRefused(world.fixture.request(environmentId, change));
  if (requested && !world.jobs.includes(requested.job.id)) world.jobs.push(requested.job.id);
}

async function finish(world: World, run: HeldRun, at: number, report: Partial<FinishRequest>): Promise<void> {
  const { fixture } = world;
  const { type } = run.answer.work_order;
  const makesTree = !['delete', 'plan', 'export', 'verify', 'repair', 'collect'].includes(type);
  if (report.outcome === 'succeeded' && makesTree && run.copyId === null) await reserve(world, run, at);
  const { copyId } = run;
  const result = type === 'verify' ? { damaged_copy_ids: await someCopies(world, at) } : {};
  await fixture.finish(run.dispatch, run.epoch, { copy_id: copyId, result, ...report });
}

async function reserve(world: World, run: HeldRun, at: number, damaged?: string): Promise<void> {
  const digest = digestOf(String(at % 3));
  const answer = await world.fixture.reserve(run.dispatch, run.epoch, digest, damaged);
  run.copyId = answer.copy_id;
}

async function someCopies({ fixture }: World, at: number): Promise<string[]> {
  const copies = await fixture.query<{ id: string }>(
    'SELECT id FROM environments.artifact_copies ORDER BY id',
  );
  return copies.filter((_copy, place) => (at >> (place % 8)) % 2 === 1).map(({ id }) => id);
}

async function publish(world: World, model: Model, run: HeldRun): Promise<void> {
  const { fixture } = world;
  const { type, subject } = run.answer.work_order;
  const trees = 'trees' in run.answer.work_order ? run.answer.work_order.trees : [];
  const result = type === 'collect' ? { deleted_copy_ids: trees.map(({ copy_id }) => copy_id) } : null;
  const { highest } = await fixture.published(run.dispatch, run.epoch, result);
  if (subject.type !== 'environment' || type === 'delete') return;
  const job = await fixture.job(run.dispatch.job_id);
  const revision = (job.result as { revision: number } | null)?.revision;
  if (revision === undefined) return;
  model.published.set(subject.id, Math.max(revision, model.published.get(subject.id) ?? 0));
  // Null when the tree was found damaged meanwhile.
  expect([null, model.published.get(subject.id)]).toContain(highest?.revision ?? null);
}

async function claim(world: World, at: number): Promise<void> {
  const dispatch = pick(world.deliveries, at);
  if (!dispatch) return;
  world.deliveries.splice(world.deliveries.indexOf(dispatch), 1);
  const deliveryId = uuidv7();
  const answer = await orRefused(world.fixture.claim(dispatch, deliveryId));
  if (answer) world.runs.push({ dispatch, deliveryId, epoch: answer.epoch, answer, copyId: null });
}

/** The same delivery gets the same answer, or is told that it is over. */
async function repeatClaim(world: World, at: number): Promise<void> {
  await onRun(world, at, async (run) => {
    const before = await world.fixture.job(run.dispatch.job_id);
    const answer = await world.fixture.claim(run.dispatch, run.deliveryId);
    expect(answer.epoch).toBe(run.epoch);
    // The trees of a store may have changed meanwhile; the worker has begun with none of them.
    const isSame = before.committed_at === null && before.subject_type === 'environment';
    if (isSame) expect(answer).toEqual(run.answer);
  });
}

async function heartbeat(world: World, at: number): Promise<void> {
  const workerId = pick(world.workers, at);
  if (!workerId) return;
  const own = [...world.runs, ...world.over].filter((run) => run.dispatch.worker_id === workerId);
  // A random part of what it has, some of it over.
  const listed = own.filter((_run, place) => (at >> (place % 9)) % 2 === 1);
  const { signals, forgotten } = await world.fixture.heartbeat(workerId, listed);
  expect(signals).toHaveLength(listed.length);
  await stayAlive(world);
  for (const jobId of forgotten) await world.fixture.tx((tx) => loseForgotten(tx, { jobId, workerId }));
}

/** A slow machine must not make a worker a silent one. */
async function stayAlive({ fixture }: World): Promise<void> {
  await fixture.query(
    `UPDATE jobs.workers SET heartbeat_at = now() + interval '1 hour' WHERE ended_at IS NULL`,
  );
}

async function loseWorker(world: World, at: number): Promise<void> {
  const workerId = pick(world.workers, at);
  if (!workerId) return;
  world.workers.splice(world.workers.indexOf(workerId), 1);
  await world.fixture.lose(workerId);
}

/** Time goes by for one job: its deadline passes. */
async function expire(world: World, at: number): Promise<void> {
  await onRun(world, at, async ({ dispatch }) => {
    await world.fixture.query(
      `UPDATE jobs.jobs SET deadline_at = now() - interval '1 second' WHERE id = $1 AND status = 'running'`,
      [dispatch.job_id],
    );
    await world.fixture.tx((tx) => expireJob(tx, dispatch.job_id));
  });
}

async function askStore(world: World, at: number): Promise<void> {
  const id = pick(world.stores, at)!;
  const change: Change = pick([{ type: 'verify' }, { type: 'collect', dry_run: false }] as const, at >> 1)!;
  await world.fixture.query(`UPDATE environments.artifact_copies SET used_at = now() - interval '1 year'`);
  const { job } = await world.fixture.ask({ type: 'store', id }, change);
  if (!world.jobs.includes(job.id)) world.jobs.push(job.id);
}

const NEW_ENVIRONMENT = command('create', async (world, at) => {
  const { job } = await world.fixture.environment(`e${world.environments.length}-${at}`);
  world.environments.push(job.subject_id);
  world.jobs.push(job.id);
});

const REQUEST = command('request', async (world, at) => {
  const environmentId = pick(world.environments, at);
  if (environmentId) await request(world, environmentId, pick(CHANGES, at >> 2)!);
});

const DISPATCH = command('dispatch', async (world) => {
  world.deliveries.push(...(await world.fixture.dispatch()));
});

const SUCCEED = command('succeed', (world, at) =>
  onRun(world, at, (run) => finish(world, run, at, { outcome: 'succeeded' })),
);

const PUBLISHED = command('published', (world, at, model) =>
  onRun(world, at, (run) => publish(world, model, run)),
);

const CLAIM = command('claim', claim);

/** The way that things should go: what can be claimed is claimed, what is claimed gets one step on. */
const WORK = command('work', async (world, at, model) => {
  world.deliveries.push(...(await world.fixture.dispatch()));
  while (world.deliveries.length > 0) await claim(world, at);
  await onRun(world, at, async (run) => {
    const { committed_at } = await world.fixture.job(run.dispatch.job_id);
    if (committed_at === null) await finish(world, run, at, { outcome: 'succeeded' });
    else await publish(world, model, run);
  });
});

export const COMMANDS: fc.Arbitrary<fc.AsyncCommand<Model, World>>[] = [
  // What moves things on comes more often than what breaks them.
  ...Array<typeof WORK>(12).fill(WORK),
  ...Array<typeof WORK>(4).fill(REQUEST),
  DISPATCH,
  CLAIM,
  CLAIM,
  SUCCEED,
  PUBLISHED,
  NEW_ENVIRONMENT,
  command('delete', async (world, at) => {
    const environmentId = pick(world.environments, at);
    if (environmentId) await request(world, environmentId, { type: 'delete' });
  }),
  command('cancel', async (world, at) => {
    const jobId = pick(world.jobs.toReversed(), at);
    if (jobId) await orRefused(world.fixture.cancel(jobId));
  }),
  command('repeat claim', repeatClaim),
  command('reserve', (world, at) => onRun(world, at, (run) => reserve(world, run, at))),
  command('reserve after damage', (world, at) =>
    onRun(world, at, (run) => reserve(world, run, at, run.copyId ?? undefined)),
  ),
  command('fail', (world, at) => onRun(world, at, (run) => world.fixture.fail(asRun(run), NOT_FOUND))),
  command('fail for now', (world, at) => onRun(world, at, (run) => world.fixture.fail(asRun(run), NETWORK))),
  command('stop', (world, at) => onRun(world, at, (run) => finish(world, run, at, { outcome: 'cancelled' }))),
  command('release', (world, at) => onRun(world, at, (run) => world.fixture.release(asRun(run)))),
  command('lose worker', loseWorker),
  command('new worker', async (world, at) => {
    if (world.workers.length < 4) world.workers.push(await world.fixture.worker(2, pick(world.stores, at)));
  }),
  command('heartbeat', heartbeat),
  command('expire', expire),
  command('withdraw', async ({ fixture }) => {
    await fixture.query(
      `UPDATE jobs.jobs SET dispatched_at = now() - interval '1 minute' WHERE status = 'pending'`,
    );
    await fixture.tx(withdrawOverdue);
  }),
  command('wait', async ({ fixture }) => {
    await fixture.query('UPDATE jobs.jobs SET not_before = NULL WHERE not_before IS NOT NULL');
  }),
  command('work on a store', askStore),
];

function asRun({ dispatch, epoch, answer }: HeldRun) {
  return { dispatch, epoch, order: answer.work_order };
}
