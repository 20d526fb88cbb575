/** Artifacts and their copies: who holds them, which copy of a digest counts in a store. */
import type { ArtifactAnswer, ArtifactRequest, FinishRequest } from '@darb/models';
import { COPY_TRANSITIONS, SHARED_POOL, sourcesOf } from '@darb/models';
import type { ArtifactCopy, Job } from '@darb/models/entities';
import { v7 as uuidv7 } from 'uuid';
import { Documents } from '../documents.js';
import { lockClaim, isCurrent, staleEpoch } from '../engine/rows.js';
import { LedgerError } from '../errors.js';
import type { Runner } from '../reactors.js';
import { firstRow, json } from '../sql.js';
import type { Queryable } from '../sql.js';

/** The only pool until private indexes come. */
export const POOL = SHARED_POOL;

type HeldCopy = Pick<ArtifactCopy, 'id' | 'path' | 'state'>;

/**
 * Reserves the artifact of a digest for an epoch: a copy that is ready in the worker's store, or a new path to build
 * one at. Collection respects the reservation. The same epoch and digest get the same answer again, unless the
 * worker found that copy damaged.
 * @throws LedgerError stale_epoch
 */
export async function reserveArtifact(
  tx: Queryable,
  jobId: string,
  epoch: number,
  workerId: string,
  request: ArtifactRequest,
): Promise<ArtifactAnswer> {
  const { job, claim, runner } = await lockClaim(tx, jobId, epoch, workerId);
  if (!isCurrent(job, claim)) throw staleEpoch();
  const { id: artifactId, manager } = await identityOf(tx, request.digest, job);
  if (request.damaged_copy_id) await markDamaged(tx, runner.storeId, [request.damaged_copy_id]);
  const held = (await heldBy(tx, jobId, epoch, artifactId)) ?? (await readyCopy(tx, artifactId, runner));
  const copy = held ?? (await insertCopy(tx, artifactId, runner, manager, request.digest));
  await tx.query(
    `INSERT INTO environments.artifact_refs (artifact_id, kind, holder_id, number, copy_id)
     VALUES ($1, 'job', $2, $3, $4)
     ON CONFLICT (artifact_id, kind, holder_id, number) DO UPDATE SET copy_id = EXCLUDED.copy_id`,
    [artifactId, jobId, epoch, copy.id],
  );
  return { state: copy.state === 'ready' ? 'reuse' : 'build', copy_id: copy.id, path: copy.path };
}

async function identityOf(tx: Queryable, digest: string, job: Job): Promise<{ id: string; manager: string }> {
  const found = await firstRow<{ id: string; manager: string }>(
    tx,
    `INSERT INTO environments.artifacts (id, pool, digest, package_manager) VALUES ($1, $2, $3, $4)
     ON CONFLICT (pool, digest) DO UPDATE SET digest = EXCLUDED.digest
     RETURNING id, package_manager AS manager`,
    // Work on a store builds only what is known already, so its own requirements are never asked.
    [uuidv7(), POOL, digest, job.requirements.manager?.type ?? 'uv'],
  );
  return found!;
}

/** What this epoch holds already; a copy that turned out damaged is none. */
async function heldBy(
  tx: Queryable,
  jobId: string,
  epoch: number,
  artifactId: string,
): Promise<HeldCopy | undefined> {
  return firstRow<HeldCopy>(
    tx,
    `SELECT c.id, c.path, c.state FROM environments.artifact_refs f
     JOIN environments.artifact_copies c ON c.id = f.copy_id
     WHERE f.kind = 'job' AND f.holder_id = $1 AND f.number = $2 AND f.artifact_id = $3
       AND c.state IN ('building', 'ready')`,
    [jobId, epoch, artifactId],
  );
}

/** Locked and touched, so that collection, which locks it too, sees the reservation that follows. */
async function readyCopy(tx: Queryable, artifactId: string, runner: Runner): Promise<HeldCopy | undefined> {
  return firstRow<HeldCopy>(
    tx,
    `UPDATE environments.artifact_copies SET used_at = now()
     WHERE artifact_id = $1 AND store_id = $2 AND state = 'ready' RETURNING id, path, state`,
    [artifactId, runner.storeId],
  );
}

async function insertCopy(
  tx: Queryable,
  artifactId: string,
  runner: Runner,
  manager: string,
  digest: string,
): Promise<HeldCopy> {
  const id = uuidv7();
  // The last digits of a UUIDv7 are random: two builds of one digest never get the same folder.
  const path = `pools/${POOL}/store/${manager}-${digest.slice(0, 16)}-${id.slice(-12)}`;
  await tx.query(
    'INSERT INTO environments.artifact_copies (id, artifact_id, store_id, path) VALUES ($1, $2, $3, $4)',
    [id, artifactId, runner.storeId, path],
  );
  return { id, path, state: 'building' };
}

/** Marks ready copies of a store damaged: nobody is given them any more. @returns how many were ready until now */
export async function markDamaged(
  tx: Queryable,
  storeId: string,
  copyIds: readonly string[],
): Promise<number> {
  const marked = await firstRow<{ count: number }>(
    tx,
    `WITH marked AS (
       UPDATE environments.artifact_copies SET state = 'damaged', used_at = now()
       WHERE id = ANY($1::uuid[]) AND store_id = $2 AND state = 'ready' RETURNING 1
     ) SELECT count(*)::int AS count FROM marked`,
    [copyIds, storeId],
  );
  return marked!.count;
}

export interface Adopted {
  artifactId: string;
  digest: string;
  storeId: string;
  /** Relative to the root of that store. */
  path: string;
}

/**
 * Makes the copy that an epoch built or took over the ready one of its artifact. The first finish of a digest wins
 * in each store; a later builder gets the winner's path, and its own tree is left to deletion.
 * @throws LedgerError unknown_artifact
 */
export async function adoptCopy(
  tx: Queryable,
  job: Job,
  epoch: number,
  runner: Runner,
  copyId: string | null,
  request: Pick<FinishRequest, 'inputs' | 'size_bytes' | 'file_count' | 'tool_version' | 'python_version'>,
): Promise<Adopted> {
  // The artifact's row is the lock: two finishes of one digest take turns, else both would become the ready one.
  const own = await firstRow<{
    id: string;
    state: string;
    path: string;
    artifact_id: string;
    digest: string;
  }>(
    tx,
    `SELECT c.id, c.state, c.path, a.id AS artifact_id, a.digest FROM environments.artifact_refs f
     JOIN environments.artifact_copies c ON c.id = f.copy_id
     JOIN environments.artifacts a ON a.id = c.artifact_id
     WHERE f.kind = 'job' AND f.holder_id = $1 AND f.number = $2 AND c.id = $3 AND c.store_id = $4
     FOR UPDATE OF a`,
    [job.id, epoch, copyId, runner.storeId],
  );
  if (!own) {
    throw new LedgerError('unknown_artifact', 'This epoch has not reserved that artifact: reserve it first.');
  }
  const winner = await readyCopy(tx, own.artifact_id, runner);
  if (!winner) await makeReady(tx, own.id);
  await describeArtifact(tx, own.artifact_id, request);
  return {
    artifactId: own.artifact_id,
    digest: own.digest,
    storeId: runner.storeId,
    path: winner?.path ?? own.path,
  };
}

async function makeReady(tx: Queryable, copyId: string): Promise<void> {
  const ready = await firstRow(
    tx,
    `WITH ready AS (
       UPDATE environments.artifact_copies SET state = 'ready', used_at = now()
       WHERE id = $1 AND state = ANY($2) RETURNING 1
     ) SELECT 1 FROM ready`,
    [copyId, sourcesOf(COPY_TRANSITIONS, 'ready')],
  );
  if (!ready) {
    throw new LedgerError('unknown_artifact', 'The tree that was reserved is damaged or being removed.');
  }
}

/** What is known of an artifact only once somebody has built it. */
async function describeArtifact(
  tx: Queryable,
  artifactId: string,
  request: Pick<FinishRequest, 'inputs' | 'size_bytes' | 'file_count' | 'tool_version' | 'python_version'>,
): Promise<void> {
  const documents = new Documents();
  const { lockfile = null, ...inputs } = request.inputs ?? {};
  const reference = typeof lockfile === 'string' ? documents.add(lockfile) : null;
  await documents.store(tx);
  await tx.query(
    `UPDATE environments.artifacts SET inputs = coalesce(inputs, $2),
       lockfile_sha256 = coalesce(lockfile_sha256, $3), size_bytes = coalesce($4, size_bytes),
       file_count = coalesce($5, file_count), tool_version = coalesce($6, tool_version),
       python_version = coalesce($7, python_version)
     WHERE id = $1`,
    [
      artifactId,
      reference === null ? null : json(inputs),
      reference?.sha256 ?? null,
      request.size_bytes,
      request.file_count,
      request.tool_version,
      request.python_version,
    ],
  );
}

/** Lets go of what an epoch had reserved; a copy that it was building is left to deletion. */
export async function dropReservations(tx: Queryable, jobId: string, epoch: number): Promise<void> {
  await tx.query(
    `WITH held AS (
       DELETE FROM environments.artifact_refs WHERE kind = 'job' AND holder_id = $1 AND number = $2
       RETURNING copy_id
     )
     UPDATE environments.artifact_copies SET used_at = now(),
       state = CASE WHEN state = 'building' THEN 'deleting' ELSE state END
     WHERE id IN (SELECT copy_id FROM held)`,
    [jobId, epoch],
  );
}
