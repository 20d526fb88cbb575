/** Collection beside reservations: what somebody is given is never removed. */
import type { EntityManager } from 'typeorm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { reserveArtifact } from '../../src/index.js';
import { collectable, markCollectable } from '../../src/store/copies.js';
import { LedgerFixture, digestOf } from '../fixture.js';
import type { Run } from '../fixture.js';

const DIGEST = digestOf('a');

let fixture: LedgerFixture;
let storeId: string;
let run: Run;
beforeAll(async () => {
  fixture = await LedgerFixture.start();
});
afterAll(() => fixture.stop());

/** A ready tree that nothing needs, and a job that is about to ask for it. */
beforeEach(async () => {
  await fixture.reset();
  await fixture.worker(4);
  const environmentId = await fixture.readyEnvironment('once', DIGEST);
  await fixture.request(environmentId, { type: 'delete' });
  const deletion = await fixture.start();
  await fixture.finish(deletion.dispatch, deletion.epoch, { manifest: null, lockfile: null });
  await fixture.published(deletion.dispatch, deletion.epoch);
  await fixture.query(`UPDATE environments.artifact_copies SET used_at = now() - interval '1 year'`);
  const [copy] = await fixture.query<{ store_id: string }>(
    'SELECT store_id FROM environments.artifact_copies',
  );
  storeId = copy!.store_id;
  await fixture.environment('wants-it');
  run = await fixture.start();
});

const reserve = (tx: EntityManager) =>
  reserveArtifact(tx, run.dispatch.job_id, run.epoch, run.dispatch.worker_id, { digest: DIGEST });
const mark = (tx: EntityManager) => markCollectable(tx, storeId, 3600);

/** Waits until somebody else's statement stands in line for a lock. */
async function somebodyWaits(): Promise<void> {
  await expect
    .poll(
      () =>
        fixture.query(
          `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
        ),
      { timeout: 10_000, interval: 10 },
    )
    .toHaveLength(1);
}

it('a reservation that is not committed yet keeps the tree', async () => {
  await fixture.tx(async (tx) => {
    expect((await reserve(tx)).state).toBe('reuse');
    await fixture.tx(mark);
  });
  expect(await fixture.copyStates(DIGEST)).toEqual(['ready']);
});

it('a reservation that commits after a first look at the tree keeps it', async () => {
  // Seen by the first statement as unused; the row is had only after the reservation committed.
  expect(await collectable(fixture.database, storeId, 3600)).toHaveLength(1);
  await fixture.tx(reserve);
  await fixture.tx(mark);
  expect(await fixture.copyStates(DIGEST)).toEqual(['ready']);
});

it('a reference that comes between the lock and the second look keeps the tree', async () => {
  let isReferenced = false;
  await fixture.tx((tx) => {
    const query = async (sql: string, parameters?: never): Promise<unknown> => {
      const answer: unknown = await tx.query(sql, parameters);
      if (!isReferenced) {
        isReferenced = true;
        // On a connection of its own, and without the copy's lock, which is held here.
        await fixture.query(
          `INSERT INTO environments.artifact_refs (artifact_id, kind, holder_id, number)
           SELECT id, 'revision', id, 1 FROM environments.artifacts`,
        );
      }
      return answer;
    };
    return markCollectable({ query: query as never }, storeId, 3600);
  });
  expect(isReferenced).toBe(true);
  expect(await fixture.copyStates(DIGEST)).toEqual(['ready']);
});

it('a reservation that comes while the tree is marked waits, and builds a new one', async () => {
  let waiting: Promise<unknown>;
  await fixture.tx(async (tx) => {
    await mark(tx);
    waiting = fixture.tx(reserve);
    await somebodyWaits();
  });
  expect(await waiting!).toMatchObject({ state: 'build' });
  expect(await fixture.copyStates(DIGEST)).toEqual(['building', 'deleting']);
});

it('a finish that would take over a tree while it is marked keeps its own instead', async () => {
  // Built beside the ready one, as if that had not been there yet.
  await fixture.query(`UPDATE environments.artifact_copies SET state = 'building'`);
  const own = await fixture.tx(reserve);
  await fixture.query(`UPDATE environments.artifact_copies SET state = 'ready' WHERE id <> $1`, [
    own.copy_id,
  ]);
  let finishing: Promise<unknown>;
  await fixture.tx(async (tx) => {
    await mark(tx);
    finishing = fixture.finish(run.dispatch, run.epoch, { copy_id: own.copy_id, digest: DIGEST });
    await somebodyWaits();
  });
  expect(await finishing!).toMatchObject({ state: 'publish', artifact_path: own.path });
  expect(await fixture.copyStates(DIGEST)).toEqual(['deleting', 'ready']);
});

it('whoever reserves and whoever collects at the same moment, nobody is given what goes', async () => {
  for (let round = 0; round < 15; round += 1) {
    const [answer] = await Promise.all([fixture.tx(reserve), fixture.tx(mark)]);
    const [copy] = await fixture.query<{ state: string }>(
      'SELECT state FROM environments.artifact_copies WHERE id = $1',
      [answer.copy_id],
    );
    expect(copy!.state).toBe(answer.state === 'reuse' ? 'ready' : 'building');
    // Back to the beginning: one ready tree that nothing needs.
    await fixture.query(`DELETE FROM environments.artifact_refs WHERE kind = 'job'`);
    await fixture.query(`DELETE FROM environments.artifact_copies WHERE state = 'building'`);
    await fixture.query(
      `UPDATE environments.artifact_copies SET state = 'ready', used_at = now() - interval '1 year'`,
    );
  }
});
