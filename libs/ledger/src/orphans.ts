import { wakeDispatch } from './records.js';
import { rows } from './sql.js';
import type { Queryable } from './sql.js';
import { loseEpoch } from './workers.js';
import type { LostEpoch } from './workers.js';

export interface Orphan {
  jobId: string;
  workerId: string;
}

/**
 * Running jobs of workers that are gone already: their claim was committed in the moment in which the worker was
 * taken for lost, so loseWorker did not see it. Without this repair they would run for ever.
 */
export async function orphanedJobs(tx: Queryable): Promise<Orphan[]> {
  return rows<Orphan>(
    tx,
    `SELECT j.id AS "jobId", j.worker_id AS "workerId" FROM jobs.jobs j
     JOIN jobs.workers w ON w.id = j.worker_id AND w.ended_at IS NOT NULL
     WHERE j.status = 'running' LIMIT 100`,
  );
}

/** Does for one of them what loseWorker does for the jobs that it sees. */
export async function loseOrphan(tx: Queryable, orphan: Orphan): Promise<LostEpoch | null> {
  const epoch = await loseEpoch(tx, orphan.jobId, orphan.workerId);
  if (epoch) await wakeDispatch(tx);
  return epoch;
}
