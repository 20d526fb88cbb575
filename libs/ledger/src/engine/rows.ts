/** Locks and single steps of jobs and claims; every step checks the table of moves. */
import { JOB_TRANSITIONS, mayMove } from '@darb/models';
import type { ClaimEnd, JobError, JobStatus } from '@darb/models';
import type { Claim, Job } from '@darb/models/entities';
import { LedgerError } from '../errors.js';
import type { Move } from '../move.js';
import type { Runner } from '../reactors.js';
import { firstRow, json } from '../sql.js';
import type { Queryable } from '../sql.js';

/** Locks a lane; everybody does this before they lock one of its jobs. */
export async function lockLane(tx: Queryable, lane: string): Promise<void> {
  await tx.query('SELECT 1 FROM jobs.lanes WHERE lane = $1 FOR UPDATE', [lane]);
}

/**
 * Locks a job after its lane.
 * @throws LedgerError job_not_found
 */
export async function lockJob(tx: Queryable, jobId: string): Promise<Job> {
  const job = await firstRow<Job>(
    tx,
    // The first part runs before the second, because the second needs its result.
    `WITH lane AS (
       SELECT 1 FROM jobs.lanes WHERE lane = (SELECT lane FROM jobs.jobs WHERE id = $1) FOR UPDATE
     )
     SELECT * FROM jobs.jobs WHERE id = $1 AND (SELECT count(*) FROM lane) >= 0 FOR UPDATE`,
    [jobId],
  );
  if (!job) throw new LedgerError('job_not_found', 'There is no such job.');
  return job;
}

export interface HeldJob {
  job: Job;
  claim: Claim;
  runner: Runner;
}

/**
 * Locks the job of a report, and proves that the claim is this worker's.
 * @throws LedgerError job_not_found | stale_epoch
 */
export async function lockClaim(
  tx: Queryable,
  jobId: string,
  epoch: number,
  workerId: string,
): Promise<HeldJob> {
  const job = await lockJob(tx, jobId);
  const claim = await firstRow<Claim & { store_id: string }>(
    tx,
    `SELECT c.*, w.store_id FROM jobs.claims c JOIN jobs.workers w ON w.id = c.worker_id
     WHERE c.job_id = $1 AND c.epoch = $2 AND c.worker_id = $3`,
    [jobId, epoch, workerId],
  );
  if (!claim) throw staleEpoch();
  return { job, claim, runner: { workerId, storeId: claim.store_id } };
}

export function isCurrent(job: Job, claim: Claim): boolean {
  return job.status === 'running' && job.epoch === claim.epoch && claim.ended_at === null;
}

export function staleEpoch(extra: Record<string, unknown> = {}): LedgerError {
  return new LedgerError(
    'stale_epoch',
    'This claim of the job is over: stop, and change nothing more.',
    extra,
  );
}

type JobColumns = Partial<Record<keyof Job, unknown>>;

/** A time by Postgres' clock, which all replicas share. */
export class FromNow {
  constructor(readonly seconds: number) {}
}

export const NOW = new FromNow(0);

/**
 * Moves a locked job and notes it. `set` are further columns; their names come from code, never from a person.
 * @throws LedgerError forbidden_move
 */
export async function moveJob(move: Move, job: Job, to: JobStatus, set: JobColumns = {}): Promise<Job> {
  if (!mayMove(JOB_TRANSITIONS, job.status, to) || job.status === to) {
    throw new LedgerError('forbidden_move', `A job can not go from ${job.status} to ${to}.`);
  }
  const moved = await updateJob(move, job, { status: to, ...set });
  move.jobMoved(moved);
  return moved;
}

/** Changes columns of a locked job whose status stays. */
export async function updateJob(move: Move, job: Job, set: JobColumns): Promise<Job> {
  const columns = Object.keys(set);
  const values = columns.map((column) => set[column as keyof Job]);
  const assignments = columns.map((column, index) =>
    values[index] instanceof FromNow
      ? `${column} = now() + make_interval(secs => $${index + 2})`
      : `${column} = $${index + 2}`,
  );
  const updated = await firstRow<Job>(
    move.tx,
    `UPDATE jobs.jobs SET ${assignments.join(', ')} WHERE id = $1 RETURNING *`,
    [job.id, ...values.map((value) => (value instanceof FromNow ? value.seconds : value))],
  );
  return updated!;
}

/** Ends a job for good. The caller ends its claim and tells its subject. */
export async function endJob(
  move: Move,
  job: Job,
  to: 'completed' | 'failed' | 'cancelled',
  details: { error?: JobError; result?: Record<string, unknown> | null } = {},
): Promise<Job> {
  const ended = await moveJob(move, job, to, {
    error: json(details.error),
    ...(details.result === undefined ? {} : { result: json(details.result) }),
    waiting_for: null,
    progress: null,
    worker_id: null,
    deadline_at: null,
    missed: 0,
    finished_at: NOW,
  });
  move.wakeDispatch();
  return ended;
}

/** Gives a job back to the queue; `set` says what that costs it. */
export async function requeueJob(move: Move, job: Job, set: JobColumns = {}): Promise<Job> {
  const waiting = await moveJob(move, job, 'pending', {
    worker_id: null,
    dispatched_at: null,
    deadline_at: null,
    missed: 0,
    progress: null,
    ...set,
  });
  move.wakeDispatch();
  return waiting;
}

export async function endClaim(tx: Queryable, jobId: string, epoch: number, reason: ClaimEnd): Promise<void> {
  await tx.query(
    `UPDATE jobs.claims SET ended_at = now(), end_reason = $3
     WHERE job_id = $1 AND epoch = $2 AND ended_at IS NULL`,
    [jobId, epoch, reason],
  );
}
