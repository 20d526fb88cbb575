import { MISSED_HEARTBEATS } from '@darb/models';
import type { HeartbeatAnswer, HeartbeatRequest } from '@darb/models';
import type { Job } from '@darb/models/entities';
import { inMove } from '../move.js';
import { json, rows } from '../sql.js';
import type { Queryable } from '../sql.js';
import { loseEpoch } from './endings.js';
import type { LostEpoch, Orphan } from './losses.js';
import { lockJob } from './rows.js';

/** What the worker must know of each job that it listed. */
export type HeartbeatSignals = HeartbeatAnswer['jobs'];

/**
 * Notes that a worker lives, what it has, and how far its jobs are. The list is its whole inventory.
 * @returns null when the worker was taken for lost and has to register again.
 */
export function recordHeartbeat(
  tx: Queryable,
  workerId: string,
  request: HeartbeatRequest,
): Promise<HeartbeatSignals | null> {
  return inMove(tx, async (move) => {
    const [worker] = await rows<{ id: string }>(
      tx,
      `UPDATE jobs.workers SET heartbeat_at = now(), draining = draining OR $2, space = coalesce($3, space),
         managers = coalesce($4, managers)
       WHERE id = $1 AND ended_at IS NULL RETURNING id`,
      [workerId, request.draining, json(request.space), json(request.managers)],
    );
    if (!worker) return null;
    // A worker that found a tool can run what waits for it.
    if (request.managers) move.wakeDispatch();
    const listed = json(request.jobs);
    // Rows that somebody moves right now are left alone; the next heartbeat is three seconds away.
    const progressed = await rows<Job>(
      tx,
      `WITH listed AS (SELECT * FROM jsonb_to_recordset($2) AS l (id uuid, epoch int, progress jsonb)),
       free AS (
         SELECT j.id FROM jobs.jobs j JOIN listed l ON l.id = j.id AND l.epoch = j.epoch
         WHERE j.status = 'running' AND j.worker_id = $1
           AND (j.missed > 0 OR (j.committed_at IS NULL AND j.progress IS DISTINCT FROM nullif(l.progress, 'null')))
         FOR UPDATE OF j SKIP LOCKED
       )
       UPDATE jobs.jobs j SET missed = 0,
         progress = CASE WHEN j.committed_at IS NULL THEN nullif(l.progress, 'null') ELSE j.progress END
       FROM listed l WHERE j.id = l.id AND j.id IN (SELECT id FROM free) RETURNING j.*`,
      [workerId, listed],
    );
    for (const job of progressed) move.jobNoted(job);
    const held = await rows<Held>(
      tx,
      `SELECT id, epoch, cancel_code,
         (cancel_requested_at IS NOT NULL AND committed_at IS NULL) AS is_to_cancel
       FROM jobs.jobs WHERE worker_id = $1 AND status = 'running'`,
      [workerId],
    );
    const signals = request.jobs.map((job) => signalFor(job, held));
    await tx.query('UPDATE jobs.workers SET stale_runs = $2 WHERE id = $1 AND stale_runs <> $2', [
      workerId,
      signals.filter((signal) => signal.stale).length,
    ]);
    await noteMissing(tx, workerId, held, request);
    return signals;
  });
}

interface Held {
  id: string;
  epoch: number;
  cancel_code: string | null;
  is_to_cancel: boolean;
}

function signalFor(
  listed: { id: string; epoch: number },
  held: readonly Held[],
): HeartbeatAnswer['jobs'][number] {
  const { id, epoch } = listed;
  const job = held.find((each) => each.id === id && each.epoch === epoch);
  if (!job) return { id, epoch, cancel: false, cancel_code: null, stale: true };
  return {
    id,
    epoch,
    cancel: job.is_to_cancel,
    cancel_code: job.is_to_cancel ? job.cancel_code : null,
    stale: false,
  };
}

async function noteMissing(
  tx: Queryable,
  workerId: string,
  held: readonly Held[],
  request: HeartbeatRequest,
): Promise<void> {
  const missing = held.filter(
    (job) => !request.jobs.some((listed) => listed.id === job.id && listed.epoch === job.epoch),
  );
  if (missing.length === 0) return;
  await tx.query(
    `UPDATE jobs.jobs SET missed = missed + 1 WHERE id IN (
       SELECT id FROM jobs.jobs WHERE id = ANY($2::uuid[]) AND worker_id = $1 AND status = 'running'
       FOR UPDATE SKIP LOCKED
     )`,
    [workerId, missing.map((job) => job.id)],
  );
}

/** Running jobs that their living worker has not listed for so long that nobody seems to run them. */
export async function forgottenJobs(tx: Queryable): Promise<Orphan[]> {
  return rows<Orphan>(
    tx,
    `SELECT id AS "jobId", worker_id AS "workerId" FROM jobs.jobs
     WHERE status = 'running' AND missed >= $1 ORDER BY id LIMIT 100`,
    [MISSED_HEARTBEATS],
  );
}

/**
 * Ends the epoch of a job that its living worker no longer lists.
 * @returns null when the worker has listed it again, or the job has moved on.
 */
export function loseForgotten(tx: Queryable, { jobId, workerId }: Orphan): Promise<LostEpoch | null> {
  return inMove(tx, async (move) => {
    const job = await lockJob(tx, jobId);
    const isForgotten =
      job.status === 'running' && job.worker_id === workerId && job.missed >= MISSED_HEARTBEATS;
    if (!isForgotten) return null;
    await loseEpoch(move, job, 'forgotten');
    return { jobId, epoch: job.epoch };
  });
}
