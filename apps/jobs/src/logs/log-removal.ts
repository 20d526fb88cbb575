import { firstRow } from '@darb/ledger';
import type { Queryable } from '@darb/ledger';
import type { RetentionRule } from '@darb/service-kit';

/** Held by whoever removes old logs; any number that nothing else in the database locks on. */
const REMOVAL_LOCK = 7_203_414;

/** What was removed, or would be. */
export interface RemovedLogs {
  jobs: number;
  chunks: number;
  /** As stored, compressed. */
  bytes: number;
}

/** Jobs that finished long enough ago, and have a log; $1 is the age, $2 the most jobs. */
const OLD_JOBS = `
  SELECT DISTINCT job_id FROM (
    SELECT l.job_id FROM jobs.log_chunks l JOIN jobs.jobs j ON j.id = l.job_id
    WHERE l.created_at < now() - make_interval(secs => $1) AND j.finished_at < now() - make_interval(secs => $1)
    ORDER BY l.created_at LIMIT $2
  ) AS oldest`;

/**
 * Removes the logs of jobs that finished more than `olderThanSeconds` ago; the jobs, their verdicts and errors stay, and
 * readers are told that the log is gone. A log goes as a whole, so that nobody reads half of one.
 *
 * Call it again until it removes nothing. Two callers at once are harmless: the second removes nothing.
 * @param maxChunks about how many chunks one call looks for, which bounds its transaction
 */
export async function deleteOldLogChunks(
  tx: Queryable,
  { olderThanSeconds, maxChunks }: { olderThanSeconds: number; maxChunks: number },
): Promise<RemovedLogs> {
  const removed = await firstRow<Record<keyof RemovedLogs, string>>(
    tx,
    `WITH lock AS MATERIALIZED (
       SELECT pg_try_advisory_xact_lock(${REMOVAL_LOCK}) AS is_held
     ), old AS MATERIALIZED (
       SELECT job_id FROM (${OLD_JOBS}) AS jobs WHERE (SELECT is_held FROM lock)
     ), gone AS (
       DELETE FROM jobs.log_chunks l USING old WHERE l.job_id = old.job_id
       RETURNING l.job_id, l.epoch, l.last_seq, l.text_bytes, octet_length(l.data) AS bytes
     ), noted AS (
       INSERT INTO jobs.removed_logs (job_id, epoch, last_seq, text_bytes)
       SELECT job_id, epoch, max(last_seq), sum(text_bytes) FROM gone GROUP BY job_id, epoch
       ON CONFLICT (job_id, epoch) DO UPDATE SET last_seq = greatest(removed_logs.last_seq, excluded.last_seq),
         text_bytes = removed_logs.text_bytes + excluded.text_bytes
     )
     SELECT count(DISTINCT job_id) AS jobs, count(*) AS chunks, coalesce(sum(bytes), 0) AS bytes FROM gone`,
    [olderThanSeconds, maxChunks],
  );
  return inNumbers(removed!);
}

/** What calls of `deleteOldLogChunks` would remove; changes nothing. */
export async function countOldLogChunks(
  tx: Queryable,
  { olderThanSeconds }: { olderThanSeconds: number },
): Promise<RemovedLogs> {
  const found = await firstRow<Record<keyof RemovedLogs, string>>(
    tx,
    `SELECT count(DISTINCT l.job_id) AS jobs, count(*) AS chunks, coalesce(sum(octet_length(l.data)), 0) AS bytes
     FROM jobs.log_chunks l JOIN (${OLD_JOBS}) AS old ON old.job_id = l.job_id`,
    [olderThanSeconds, null],
  );
  return inNumbers(found!);
}

/** What the service's sweep does about old logs. */
export function removalOfOldLogs(olderThanSeconds: number): RetentionRule {
  return {
    deleteBatch: async (tx, limit) => {
      const { chunks } = await deleteOldLogChunks(tx, { olderThanSeconds, maxChunks: limit });
      return { log_chunks: chunks };
    },
  };
}

function inNumbers({ jobs, chunks, bytes }: Record<keyof RemovedLogs, string>): RemovedLogs {
  return { jobs: Number(jobs), chunks: Number(chunks), bytes: Number(bytes) };
}
