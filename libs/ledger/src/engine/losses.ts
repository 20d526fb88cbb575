/** What jobs finds out by the clock: silent workers, claims beyond their deadline, jobs that waited for too long. */
import type { JobError } from '@darb/models';
import type { Claim, Job } from '@darb/models/entities';
import { inMove } from '../move.js';
import { firstRow, rows } from '../sql.js';
import type { Queryable } from '../sql.js';
import { expireEpoch, failJob, loseEpoch } from './endings.js';
import { lockJob } from './rows.js';

/** A worker that was asked to cancel has this long, more than its tool's grace, its end and the report take. */
const CANCEL_SECONDS = 60;
const BATCH = 100;

/** An epoch that ended without its worker: copy its live tail, then close its log to writers. */
export interface LostEpoch {
  jobId: string;
  epoch: number;
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

/**
 * Takes a worker for lost: what was on its way to it is withdrawn; what it ran is found by `orphanedJobs`.
 * The heartbeat is checked again under the row's lock, so one that came meanwhile saves it.
 * @returns false when it is not silent any more.
 */
export async function endWorker(tx: Queryable, workerId: string, silenceSeconds: number): Promise<boolean> {
  const lost = await firstRow<{ id: string }>(
    tx,
    `UPDATE jobs.workers SET ended_at = now(), end_reason = CASE WHEN draining THEN 'stopped' ELSE 'lost' END
     WHERE id = $1 AND ended_at IS NULL AND heartbeat_at < now() - make_interval(secs => $2) RETURNING id`,
    [workerId, silenceSeconds],
  );
  return lost !== undefined;
}

export interface Orphan {
  jobId: string;
  workerId: string;
}

/** Running jobs of workers that are gone. */
export async function orphanedJobs(tx: Queryable): Promise<Orphan[]> {
  return rows<Orphan>(
    tx,
    `SELECT j.id AS "jobId", j.worker_id AS "workerId" FROM jobs.workers w
     JOIN jobs.jobs j ON j.worker_id = w.id AND j.status = 'running'
     WHERE w.ended_at IS NOT NULL ORDER BY j.id LIMIT ${BATCH}`,
  );
}

/**
 * Ends the epoch of a job whose worker is gone.
 * @returns null when the job has ended or moved on by the time that its lock was had.
 */
export function loseOrphan(tx: Queryable, { jobId, workerId }: Orphan): Promise<LostEpoch | null> {
  return inMove(tx, async (move) => {
    const job = await lockJob(tx, jobId);
    if (job.status !== 'running' || job.worker_id !== workerId) return null;
    await loseEpoch(move, job, 'worker');
    return { jobId, epoch: job.epoch };
  });
}

/** Running jobs beyond their deadline, or asked to cancel for so long that nobody seems to do it. */
export async function expiredJobs(tx: Queryable): Promise<string[]> {
  const expired = await rows<{ id: string }>(
    tx,
    `SELECT id FROM jobs.jobs WHERE status = 'running' AND (deadline_at < now()
       OR (committed_at IS NULL AND cancel_requested_at < now() - make_interval(secs => ${CANCEL_SECONDS})))
     ORDER BY id LIMIT ${BATCH}`,
  );
  return expired.map(({ id }) => id);
}

/** @returns null when the job has ended or got more time by the time that its lock was had. */
export function expireJob(tx: Queryable, jobId: string): Promise<LostEpoch | null> {
  return inMove(tx, async (move) => {
    const job = await lockJob(tx, jobId);
    const clock = await firstRow<{ now: Date; cancel_limit: Date }>(
      tx,
      `SELECT now() AS now, now() - make_interval(secs => ${CANCEL_SECONDS}) AS cancel_limit`,
    );
    const isLate = job.deadline_at !== null && job.deadline_at < clock!.now;
    const isCancelLate =
      job.committed_at === null &&
      job.cancel_requested_at !== null &&
      job.cancel_requested_at < clock!.cancel_limit;
    if (job.status !== 'running' || !(isLate || isCancelLate)) return null;
    await expireEpoch(move, job);
    return { jobId, epoch: job.epoch };
  });
}

const OVERDUE = `SELECT j.id FROM jobs.jobs j
  LEFT JOIN LATERAL (SELECT max(ended_at) AS ended_at FROM jobs.claims c WHERE c.job_id = j.id) last ON true
  WHERE j.status = 'pending' AND j.created_at < now() - make_interval(secs => $1)
    AND coalesce(last.ended_at, j.created_at) < now() - make_interval(secs => $1)`;

/** Jobs that have waited for longer than they may, since their request or their last attempt. */
export async function overdueJobs(tx: Queryable, waitSeconds: number): Promise<string[]> {
  const overdue = await rows<{ id: string }>(tx, `${OVERDUE} ORDER BY j.id LIMIT ${BATCH}`, [waitSeconds]);
  return overdue.map(({ id }) => id);
}

/** @returns null when the job ran, or began to wait again, by the time that its lock was had. */
export function failOverdue(tx: Queryable, jobId: string, waitSeconds: number): Promise<Job | null> {
  return inMove(tx, async (move) => {
    const job = await lockJob(tx, jobId);
    if (!(await firstRow(tx, `${OVERDUE} AND j.id = $2`, [waitSeconds, jobId]))) return null;
    await failJob(move, job, waitedTooLong(job, waitSeconds));
    return job;
  });
}

function waitedTooLong(job: Job, waitSeconds: number): JobError {
  const hours = Math.round(waitSeconds / 360) / 10;
  const reason = job.waiting_for === null ? '' : ` It waited for ${job.waiting_for}.`;
  return {
    code: job.committed_at === null ? 'waited_too_long' : 'publish_failed',
    family: 'operational',
    message: `No worker took this job within ${hours} hours.${reason} Retry it when the cause is gone.`,
    extract: null,
  };
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
    `SELECT job_id AS "jobId", epoch FROM jobs.claims
     WHERE end_reason = 'lost' AND log_closed_at IS NULL LIMIT ${BATCH}`,
  );
}
