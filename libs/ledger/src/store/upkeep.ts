/** What keeps stores and tables small: which work is due, and rows that nothing needs any more. */
import { LEASE_SECONDS } from '@darb/models';
import { firstRow, rows } from '../sql.js';
import type { Queryable } from '../sql.js';
import { storesToRepair } from './copies.js';

export interface UpkeepIntervals {
  collectSeconds: number;
  verifySeconds: number;
  /** From one repair to the next: what can't be built again is not tried all the time. */
  repairSeconds: number;
}

export interface DueWork {
  storeId: string;
  type: 'collect' | 'verify' | 'repair';
}

/** Work that stores with a live worker and without active work need by now. */
export async function dueStoreWork(tx: Queryable, intervals: UpkeepIntervals): Promise<DueWork[]> {
  const idle = await rows<{ id: string; is_collect_due: boolean; is_verify_due: boolean }>(
    tx,
    `SELECT s.id, coalesce(s.collected_at, s.created_at) < now() - make_interval(secs => $1) AS is_collect_due,
       coalesce(s.verified_at, s.created_at) < now() - make_interval(secs => $2) AS is_verify_due
     FROM environments.stores s
     WHERE EXISTS (
       SELECT 1 FROM jobs.workers w WHERE w.store_id = s.id AND w.ended_at IS NULL AND NOT w.draining
         AND w.heartbeat_at > now() - make_interval(secs => $3)
     ) AND NOT EXISTS (
       SELECT 1 FROM jobs.jobs j WHERE j.lane = 'store:' || s.id AND j.status IN ('pending', 'running')
     )`,
    [intervals.collectSeconds, intervals.verifySeconds, LEASE_SECONDS],
  );
  const damaged = new Set(await storesToRepair(tx, intervals.repairSeconds));
  return idle.flatMap((store): DueWork[] => {
    if (damaged.has(store.id)) return [{ storeId: store.id, type: 'repair' }];
    if (store.is_verify_due) return [{ storeId: store.id, type: 'verify' }];
    return store.is_collect_due ? [{ storeId: store.id, type: 'collect' }] : [];
  });
}

/** How long rows are kept that only history needs. */
export interface RowRetention {
  /** Claims (attempts and their timings), once the log of the attempt is gone. */
  claimSeconds: number;
  workerSeconds: number;
  /** Documents that no revision and no waiting job needs; a retry of an old job may want them. */
  documentSeconds: number;
}

export interface SweptRows {
  claims: number;
  workers: number;
  documents: number;
}

const BATCH = 1_000;

const OLD_CLAIMS = `SELECT c.job_id, c.epoch FROM jobs.claims c
  WHERE c.ended_at < now() - make_interval(secs => $1) AND NOT EXISTS (
    SELECT 1 FROM jobs.log_chunks l WHERE l.job_id = c.job_id AND l.epoch = c.epoch
  ) LIMIT ${BATCH}`;
const OLD_WORKERS = `SELECT w.id FROM jobs.workers w
  WHERE w.ended_at < now() - make_interval(secs => $1) AND NOT EXISTS (
    SELECT 1 FROM jobs.jobs j WHERE j.worker_id = w.id AND j.status IN ('pending', 'running')
  ) LIMIT ${BATCH}`;
const OLD_DOCUMENTS = `SELECT d.sha256 FROM environments.documents d
  WHERE d.referenced_at < now() - make_interval(secs => $1)
    AND NOT EXISTS (SELECT 1 FROM environments.revisions r WHERE r.manifest_sha256 = d.sha256)
    AND NOT EXISTS (SELECT 1 FROM environments.revisions r WHERE r.lockfile_sha256 = d.sha256)
    AND NOT EXISTS (SELECT 1 FROM environments.artifacts a WHERE a.lockfile_sha256 = d.sha256)
    AND NOT EXISTS (
      SELECT 1 FROM jobs.jobs j WHERE j.status IN ('pending', 'running')
        AND d.sha256 IN (j.change->'manifest'->>'sha256', j.change->'lockfile'->>'sha256',
          j.change->'change'->'manifest'->>'sha256', j.change->'change'->'lockfile'->>'sha256')
    ) LIMIT ${BATCH}`;

/** Deletes one bounded batch of each kind, or only counts it. Run it until nothing is left. */
export async function sweepRows(
  tx: Queryable,
  retention: RowRetention,
  isDryRun = false,
): Promise<SweptRows> {
  const run = async (find: string, seconds: number, remove: string): Promise<number> => {
    const sql = isDryRun
      ? `SELECT count(*)::int AS count FROM (${find}) old`
      : `WITH old AS (${find} FOR UPDATE SKIP LOCKED), gone AS (${remove} RETURNING 1)
         SELECT count(*)::int AS count FROM gone`;
    return (await firstRow<{ count: number }>(tx, sql, [seconds]))!.count;
  };
  return {
    claims: await run(
      OLD_CLAIMS,
      retention.claimSeconds,
      'DELETE FROM jobs.claims c USING old WHERE c.job_id = old.job_id AND c.epoch = old.epoch',
    ),
    workers: await run(
      OLD_WORKERS,
      retention.workerSeconds,
      'DELETE FROM jobs.workers w USING old WHERE w.id = old.id',
    ),
    documents: await run(
      OLD_DOCUMENTS,
      retention.documentSeconds,
      // Looked at again under the row's lock: a reference that came meanwhile has raised its time.
      `DELETE FROM environments.documents d USING old WHERE d.sha256 = old.sha256
         AND d.referenced_at < now() - make_interval(secs => $1)`,
    ),
  };
}
