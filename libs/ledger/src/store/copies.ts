/** Which copies in a store are to be looked at, built again, or deleted. */
import type { PackageManagerType, StoreOrder, StoreTree, TreeAnswer } from '@darb/models';
import { inputsOf } from '../environment/revisions.js';
import { firstRow, rows } from '../sql.js';
import type { Queryable } from '../sql.js';

/** Trees that one job deletes or builds; another one follows while there are more. */
const DELETED_PER_JOB = 1_000;
const REBUILT_PER_JOB = 50;

/** Nobody holds the copy, and no revision needs it. */
const IS_UNUSED = `NOT EXISTS (
  SELECT 1 FROM environments.artifact_refs f
  WHERE f.copy_id = c.id OR (f.kind = 'revision' AND f.artifact_id = c.artifact_id AND c.state <> 'damaged')
)`;
/** A damaged copy goes once another one has taken its place, or nothing needs the artifact any more. */
const IS_REPLACED = `(c.state <> 'damaged' OR NOT EXISTS (
  SELECT 1 FROM environments.artifact_refs f WHERE f.kind = 'revision' AND f.artifact_id = c.artifact_id
) OR EXISTS (
  SELECT 1 FROM environments.artifact_copies other
  WHERE other.artifact_id = c.artifact_id AND other.store_id = c.store_id AND other.state = 'ready'
))`;
/** SQL: whether the copy `c` may be deleted, given SQL of the interval for which it must have been out of use. */
export const COLLECTABLE_COPY = (age: string): string =>
  `(c.state IN ('building', 'ready', 'damaged') AND c.used_at <= now() - ${age} AND ${IS_UNUSED} AND ${IS_REPLACED})`;
const COLLECTABLE = `c.store_id = $1 AND ${COLLECTABLE_COPY('make_interval(secs => $2)')}`;

export async function collectable(
  tx: Queryable,
  storeId: string,
  retentionSeconds: number,
): Promise<StoreTree[]> {
  return rows<StoreTree>(
    tx,
    `SELECT c.id AS copy_id, c.path FROM environments.artifact_copies c WHERE ${COLLECTABLE}
     ORDER BY c.used_at LIMIT ${DELETED_PER_JOB}`,
    [storeId, retentionSeconds],
  );
}

/**
 * Marks what may go, so that nobody is given it any more. The rows are locked first and looked at again by a second
 * statement: whoever reserves a copy locks its row too, so that a reservation made meanwhile is seen.
 */
export async function markCollectable(
  tx: Queryable,
  storeId: string,
  retentionSeconds: number,
): Promise<void> {
  const locked = await rows<{ id: string }>(
    tx,
    `SELECT c.id FROM environments.artifact_copies c WHERE ${COLLECTABLE}
     ORDER BY c.used_at LIMIT ${DELETED_PER_JOB} FOR UPDATE OF c SKIP LOCKED`,
    [storeId, retentionSeconds],
  );
  if (locked.length === 0) return;
  await tx.query(
    `UPDATE environments.artifact_copies c SET state = 'deleting'
     WHERE ${COLLECTABLE} AND c.id = ANY($3::uuid[])`,
    [storeId, retentionSeconds, locked.map(({ id }) => id)],
  );
}

export async function doomedCopies(tx: Queryable, storeId: string): Promise<StoreTree[]> {
  return rows<StoreTree>(
    tx,
    `SELECT id AS copy_id, path FROM environments.artifact_copies
     WHERE store_id = $1 AND state = 'deleting' ORDER BY used_at LIMIT ${DELETED_PER_JOB}`,
    [storeId],
  );
}

/** Forgets copies whose tree is gone, and artifacts that nothing refers to. */
export async function forgetCopies(
  tx: Queryable,
  storeId: string,
  copyIds: readonly string[],
): Promise<number> {
  const gone = await rows<{ artifact_id: string }>(
    tx,
    `WITH gone AS (
       DELETE FROM environments.artifact_copies
       WHERE store_id = $1 AND id = ANY($2::uuid[]) AND state = 'deleting' RETURNING artifact_id
     ) SELECT artifact_id FROM gone`,
    [storeId, copyIds],
  );
  await tx.query(
    `DELETE FROM environments.artifacts a WHERE a.id = ANY($1::uuid[])
       AND NOT EXISTS (SELECT 1 FROM environments.artifact_copies c WHERE c.artifact_id = a.id)
       AND NOT EXISTS (SELECT 1 FROM environments.artifact_refs f WHERE f.artifact_id = a.id)
       AND NOT EXISTS (SELECT 1 FROM environments.revisions r WHERE r.artifact_id = a.id)`,
    [[...new Set(gone.map(({ artifact_id }) => artifact_id))]],
  );
  return gone.length;
}

export async function readyCopies(tx: Queryable, storeId: string): Promise<StoreTree[]> {
  return rows<StoreTree>(
    tx,
    `SELECT id AS copy_id, path FROM environments.artifact_copies
     WHERE store_id = $1 AND state = 'ready' ORDER BY id`,
    [storeId],
  );
}

const NEEDED_DAMAGED = `c.store_id = $1 AND c.state = 'damaged' AND EXISTS (
    SELECT 1 FROM environments.artifact_refs f WHERE f.kind = 'revision' AND f.artifact_id = c.artifact_id
  ) AND NOT EXISTS (
    SELECT 1 FROM environments.artifact_copies other
    WHERE other.artifact_id = c.artifact_id AND other.store_id = c.store_id AND other.state = 'ready'
  )`;

/** Damaged copies that a revision needs and that have no successor; those of published revisions first. */
export async function damagedCopies(tx: Queryable, storeId: string): Promise<StoreTree[]> {
  return rows<StoreTree>(
    tx,
    `SELECT DISTINCT ON (c.artifact_id) c.id AS copy_id, c.path
     FROM environments.artifact_copies c WHERE ${NEEDED_DAMAGED}
     ORDER BY c.artifact_id, c.id LIMIT ${REBUILT_PER_JOB}`,
    [storeId],
  );
}

/** Stores with damaged copies that are needed: reason enough for a repair. */
export async function storesToRepair(tx: Queryable, pauseSeconds: number): Promise<string[]> {
  const found = await rows<{ id: string }>(
    tx,
    `SELECT s.id FROM environments.stores s
     WHERE (s.repaired_at IS NULL OR s.repaired_at < now() - make_interval(secs => $1))
       AND EXISTS (
         SELECT 1 FROM environments.artifact_copies c WHERE ${NEEDED_DAMAGED.replace('$1', 's.id')}
       )`,
    [pauseSeconds],
  );
  return found.map(({ id }) => id);
}

/** Every path that the store's workers must leave alone or deal with through a row. */
export async function knownPaths(tx: Queryable, storeId: string): Promise<string[]> {
  const known = await rows<{ path: string }>(
    tx,
    'SELECT path FROM environments.artifact_copies WHERE store_id = $1 ORDER BY path',
    [storeId],
  );
  return known.map(({ path }) => path);
}

/** Where `current` of every environment in this store must point. */
export async function publishedLinks(tx: Queryable, storeId: string): Promise<StoreOrder['links']> {
  return rows<StoreOrder['links'][number]>(
    tx,
    `SELECT e.id AS environment_id, e.published_revision AS revision, c.path
     FROM environments.environments e
     JOIN environments.revisions r ON r.environment_id = e.id AND r.number = e.published_revision
     JOIN environments.artifact_copies c ON c.artifact_id = r.artifact_id AND c.store_id = $1 AND c.state = 'ready'
     WHERE e.store_id = $1 AND e.deleted_at IS NULL ORDER BY e.id`,
    [storeId],
  );
}

/** Environments whose published tree is one of these copies: people who watch them must hear of it. */
export async function environmentsOn(tx: Queryable, copyIds: readonly string[]): Promise<string[]> {
  const found = await rows<{ id: string }>(
    tx,
    `SELECT DISTINCT e.id FROM environments.artifact_copies c
     JOIN environments.revisions r ON r.artifact_id = c.artifact_id
     JOIN environments.environments e ON e.id = r.environment_id AND e.published_revision = r.number
     WHERE c.id = ANY($1::uuid[]) AND e.deleted_at IS NULL ORDER BY e.id LIMIT 500`,
    [copyIds],
  );
  return found.map(({ id }) => id);
}

/** What a copy was built from; undefined when it is not in this store. */
export async function treeOf(
  tx: Queryable,
  copyId: string,
  storeId: string,
): Promise<TreeAnswer | undefined> {
  const found = await firstRow<{
    package_manager: PackageManagerType;
    digest: string;
    inputs: Record<string, unknown> | null;
    lockfile: string | null;
  }>(
    tx,
    `SELECT a.package_manager, a.digest, a.inputs, d.content AS lockfile
     FROM environments.artifact_copies c
     JOIN environments.artifacts a ON a.id = c.artifact_id
     LEFT JOIN environments.documents d ON d.sha256 = a.lockfile_sha256
     WHERE c.id = $1 AND c.store_id = $2`,
    [copyId, storeId],
  );
  return (
    found && {
      package_manager: found.package_manager,
      digest: found.digest,
      inputs: inputsOf(found.inputs, found.lockfile),
    }
  );
}
