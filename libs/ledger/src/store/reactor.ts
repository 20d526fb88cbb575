import type { JobResult, StoreChange, StoreOrder } from '@darb/models';
import type { Job, Store } from '@darb/models/entities';
import { adoptCopy, dropReservations, markDamaged } from '../environment/artifacts.js';
import { LedgerError } from '../errors.js';
import type { Move } from '../move.js';
import type { Commit, Reactor, SubjectOrder } from '../reactors.js';
import { firstRow, rows } from '../sql.js';
import type { Queryable } from '../sql.js';
import {
  collectable,
  damagedCopies,
  doomedCopies,
  environmentsOn,
  forgetCopies,
  knownPaths,
  markCollectable,
  publishedLinks,
  readyCopies,
} from './copies.js';

/** How long a tree that nothing needs is kept; each process that claims jobs sets it from its configuration. */
export const storeRetention = { treeSeconds: 7 * 86_400 };

const NOTHING: Commit = { result: null, hasToPublish: false, revision: null, path: null };

/** What stores make of their jobs: trees are looked at, built again, and deleted. */
export const storeReactor: Reactor = {
  async requested(move, { subject, change }) {
    const store = await firstRow<Store>(move.tx, 'SELECT * FROM environments.stores WHERE id = $1', [
      subject.id,
    ]);
    if (!store) throw new LedgerError('store_not_found', 'There is no such store.');
    const acceptance = {
      organizationId: null,
      name: store.root,
      requirements: {},
      storeId: store.id,
      cancelled: [],
    };
    const [existing] = await rows<Job>(
      move.tx,
      `SELECT * FROM jobs.jobs WHERE subject_id = $1 AND status = 'pending' AND change = $2 LIMIT 1`,
      [store.id, JSON.stringify(change)],
    );
    return existing ? { ...acceptance, existing } : acceptance;
  },

  async claimed(move, job) {
    return { order: await writeOrder(move.tx, job), baseRevision: null };
  },

  async finished(move, job, claim, runner, request) {
    const { type } = job.change;
    const result = request.result ?? {};
    if (type === 'verify') return { ...NOTHING, result: await noteDamage(move, job.subject_id, result) };
    if (type === 'repair') {
      const rebuilt = result.rebuilt_copy_ids ?? [];
      for (const copyId of rebuilt) {
        await adoptCopy(move.tx, job, claim.epoch, runner, copyId, {
          inputs: null,
          size_bytes: null,
          file_count: null,
          tool_version: null,
          python_version: null,
        });
      }
      await noteTime(move.tx, job.subject_id, 'repaired_at');
      if (rebuilt.length > 0) await verifySoon(move.tx, job.subject_id);
      await touchEnvironments(move, rebuilt);
      return { ...NOTHING, result: { ...result, rebuilt_copy_ids: undefined, rebuilt: rebuilt.length } };
    }
    return { ...NOTHING, result, hasToPublish: !isDryRun(job) };
  },

  async recommitted() {
    return { ...NOTHING, hasToPublish: true };
  },

  async published(move, job, result) {
    const deleted = result?.deleted_copy_ids ?? [];
    const forgotten = await forgetCopies(move.tx, job.subject_id, deleted);
    await noteTime(move.tx, job.subject_id, 'collected_at');
    return { ...job.result, ...result, deleted_copy_ids: undefined, trees: forgotten };
  },

  async ended(move, job) {
    // A repair that failed is not tried again at once.
    if (job.type === 'repair') await noteTime(move.tx, job.subject_id, 'repaired_at');
    if (job.type === 'verify') await noteTime(move.tx, job.subject_id, 'verified_at');
    if (job.type === 'collect') await noteTime(move.tx, job.subject_id, 'collected_at');
  },

  async released(move, job, epoch) {
    await dropReservations(move.tx, job.id, epoch);
  },

  async highest() {
    return null;
  },

  async settle() {
    // A store has no status of its own.
  },
};

function isDryRun(job: Job): boolean {
  return job.change.type === 'collect' && job.change.dry_run;
}

async function writeOrder(tx: Queryable, job: Job): Promise<SubjectOrder> {
  const storeId = job.subject_id;
  const order: Pick<StoreOrder, 'change' | 'trees' | 'links' | 'known_paths'> = {
    change: job.change as StoreChange,
    trees: [],
    links: [],
    known_paths: [],
  };
  if (job.change.type === 'verify') {
    return { ...order, trees: await readyCopies(tx, storeId), links: await publishedLinks(tx, storeId) };
  }
  if (job.change.type === 'repair') return { ...order, trees: await damagedCopies(tx, storeId) };
  const known_paths = await knownPaths(tx, storeId);
  if (isDryRun(job)) {
    const doomed = await doomedCopies(tx, storeId);
    const unused = await collectable(tx, storeId, storeRetention.treeSeconds);
    return { ...order, trees: [...doomed, ...unused], known_paths };
  }
  await markCollectable(tx, storeId, storeRetention.treeSeconds);
  return { ...order, trees: await doomedCopies(tx, storeId), known_paths };
}

async function noteDamage(move: Move, storeId: string, result: JobResult): Promise<JobResult> {
  const damaged = result.damaged_copy_ids ?? [];
  const marked = await markDamaged(move.tx, storeId, damaged);
  await noteTime(move.tx, storeId, 'verified_at');
  await touchEnvironments(move, damaged);
  return { ...result, damaged_copy_ids: undefined, damaged: marked };
}

async function touchEnvironments(move: Move, copyIds: readonly string[]): Promise<void> {
  if (copyIds.length === 0) return;
  for (const id of await environmentsOn(move.tx, copyIds)) move.touch({ type: 'environment', id });
}

/** Links still lead to the trees that were damaged: the next look at the store puts them right. */
async function verifySoon(tx: Queryable, storeId: string): Promise<void> {
  await tx.query('UPDATE environments.stores SET verified_at = to_timestamp(0) WHERE id = $1', [storeId]);
}

async function noteTime(
  tx: Queryable,
  storeId: string,
  column: 'collected_at' | 'verified_at' | 'repaired_at',
): Promise<void> {
  await tx.query(`UPDATE environments.stores SET ${column} = now() WHERE id = $1`, [storeId]);
}
