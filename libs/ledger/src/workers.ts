import type { HeartbeatAnswer, HeartbeatRequest, JobError } from '@darb/models';
import type { Claim, Job } from '@darb/models/entities';
import {
  dropReservation,
  endClaim,
  endJob,
  requeueJob,
  settleAfterFailure,
  settleAfterRequeue,
} from './moves.js';
import { json, lockJob, recordJobEvent, wakeDispatch } from './records.js';
import { cancelledError } from './request.js';
import { firstRow, rows } from './sql.js';
import type { Queryable } from './sql.js';

/** Losses of a worker that a job may survive while it runs alone on it. */
const MAX_LOSSES_ALONE = 3;

const WORKER_KILLED: JobError = {
  code: 'worker_killed',
  family: 'operational',
  message:
    'Every worker that ran this job alone was lost, most likely because it ran out of memory. Ask for less, or give workers more.',
  extract: null,
};

export type JobSignals = HeartbeatAnswer['jobs'];

/**
 * Notes that a worker lives, and how far its jobs are.
 * @returns what it must know of each of them; null when it was taken for lost and has to register anew.
 */
export async function recordHeartbeat(
  tx: Queryable,
  workerId: string,
  request: HeartbeatRequest,
): Promise<JobSignals | null> {
  const [worker] = await rows<{ id: string }>(
    tx,
    `UPDATE jobs.workers SET heartbeat_at = now(), draining = draining OR $2
     WHERE id = $1 AND ended_at IS NULL RETURNING id`,
    [workerId, request.draining],
  );
  if (!worker) return null;
  const signals: JobSignals = [];
  for (const reported of [...request.jobs].sort((a, b) => a.id.localeCompare(b.id))) {
    signals.push(await noteProgress(tx, workerId, reported));
  }
  return signals;
}

async function noteProgress(
  tx: Queryable,
  workerId: string,
  reported: HeartbeatRequest['jobs'][number],
): Promise<JobSignals[number]> {
  const job = await firstRow<Job>(tx, 'SELECT * FROM jobs.jobs WHERE id = $1', [reported.id]);
  const isOurs = job?.status === 'running' && job.epoch === reported.epoch && job.worker_id === workerId;
  if (!isOurs) return { id: reported.id, cancel: false, cancel_code: null, stale: true };
  const changed = await firstRow<Job>(
    tx,
    `UPDATE jobs.jobs SET progress = $3
     WHERE id = $1 AND epoch = $2 AND status = 'running' AND committed_at IS NULL AND progress IS DISTINCT FROM $3::jsonb
     RETURNING *`,
    [job.id, reported.epoch, json(reported.progress)],
  );
  if (changed) await recordJobEvent(tx, changed);
  const cancel = job.cancel_requested_at !== null && job.committed_at === null;
  return { id: job.id, cancel, cancel_code: cancel ? job.cancel_code : null, stale: false };
}

/** Workers that were silent for longer than `silenceSeconds`, by Postgres' clock; none of them is changed. */
export async function silentWorkers(tx: Queryable, silenceSeconds: number): Promise<string[]> {
  const silent = await rows<{ id: string }>(
    tx,
    `SELECT id FROM jobs.workers
     WHERE ended_at IS NULL AND heartbeat_at < now() - make_interval(secs => $1) ORDER BY id`,
    [silenceSeconds],
  );
  return silent.map((worker) => worker.id);
}

/** Jobs that a worker had when it was lost: copy the live tail of each epoch, then close it to writers. */
export interface LostEpoch {
  jobId: string;
  epoch: number;
}

/**
 * Takes a worker for lost: what it ran waits again, what was on its way to it is withdrawn.
 * The heartbeat is checked again under the row's lock, so one that came meanwhile saves it.
 * @returns the epochs that ended with it, or null when it is not silent any more.
 */
export async function loseWorker(
  tx: Queryable,
  workerId: string,
  silenceSeconds: number,
): Promise<LostEpoch[] | null> {
  const lost = await firstRow<{ id: string }>(
    tx,
    `UPDATE jobs.workers SET ended_at = now(), end_reason = CASE WHEN draining THEN 'stopped' ELSE 'lost' END
     WHERE id = $1 AND ended_at IS NULL AND heartbeat_at < now() - make_interval(secs => $2) RETURNING id`,
    [workerId, silenceSeconds],
  );
  if (!lost) return null;
  const held = await rows<{ id: string }>(
    tx,
    `SELECT id FROM jobs.jobs WHERE worker_id = $1 AND status = 'running' ORDER BY environment_id, id`,
    [workerId],
  );
  const epochs: LostEpoch[] = [];
  for (const { id } of held) {
    const epoch = await loseEpoch(tx, id, workerId);
    if (epoch) epochs.push(epoch);
  }
  await tx.query(
    `UPDATE jobs.jobs SET worker_id = NULL, dispatched_at = NULL, dispatch_no = dispatch_no + 1
     WHERE worker_id = $1 AND status = 'pending'`,
    [workerId],
  );
  await wakeDispatch(tx);
  return epochs;
}

/**
 * Ends the epoch of a job whose worker is gone.
 * @returns null when the job has ended or moved on by the time that its lock was had.
 */
export async function loseEpoch(tx: Queryable, jobId: string, workerId: string): Promise<LostEpoch | null> {
  const { environment, job } = await lockJob(tx, jobId);
  if (job.status !== 'running' || job.worker_id !== workerId) return null;
  const epoch = job.epoch;
  await endClaim(tx, job, epoch, 'lost');
  if (job.committed_at === null) await dropReservation(tx, job, epoch);
  const losses = job.worker_losses + (job.runs_alone ? 1 : 0);
  if (job.committed_at === null && job.cancel_requested_at !== null) {
    const error = cancelledError(job.cancel_code ?? 'cancelled');
    await endJob(tx, job, 'cancelled', { error });
    await settleAfterFailure(tx, environment, job, error);
  } else if (job.committed_at === null && losses >= MAX_LOSSES_ALONE) {
    await endJob(tx, job, 'failed', { error: WORKER_KILLED });
    await settleAfterFailure(tx, environment, job, WORKER_KILLED);
  } else {
    await requeueJob(tx, job, {
      attempts_used: job.attempts_used + 1,
      worker_losses: losses,
      runs_alone: true,
      waiting_for: 'a worker: the one that ran it was lost',
    });
    await settleAfterRequeue(tx, environment, job);
  }
  return { jobId, epoch };
}

/**
 * Closes an epoch's log to writers. Call it in the transaction that writes the last lines.
 * @returns the claim, or undefined when it was closed already.
 */
export async function closeEpochLog(
  tx: Queryable,
  lost: LostEpoch,
  lastSeq: number,
): Promise<Claim | undefined> {
  return firstRow<Claim>(
    tx,
    `UPDATE jobs.claims SET log_closed_at = now(), log_last_seq = $3
     WHERE job_id = $1 AND epoch = $2 AND log_closed_at IS NULL RETURNING *`,
    [lost.jobId, lost.epoch, lastSeq],
  );
}

/** Epochs whose worker was lost and whose log nobody has closed yet: a repair for a crash in between. */
export async function unclosedLogs(tx: Queryable): Promise<LostEpoch[]> {
  return rows<LostEpoch>(
    tx,
    `SELECT job_id AS "jobId", epoch FROM jobs.claims WHERE end_reason = 'lost' AND log_closed_at IS NULL LIMIT 100`,
  );
}
