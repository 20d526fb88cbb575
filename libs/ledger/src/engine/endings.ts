/** The ways in which an epoch ends without success, whoever notices: the worker, a person, or the clock. */
import type { ClaimEnd, JobError } from '@darb/models';
import type { Job } from '@darb/models/entities';
import type { Move } from '../move.js';
import { reactorOf } from '../reactors.js';
import { endClaim, endJob, FromNow, requeueJob } from './rows.js';

/** Errors of transport: the same job may well succeed a little later. Everything else is for a person. */
export const RETRYABLE_CODES: readonly string[] = ['network', 'store_unavailable'];
const RETRY_BASE_SECONDS = 5;
/** Claims that a committed job may lose before its revision is given up as not published. */
const MAX_PUBLISH_LOSSES = 5;
/** Losses of a worker that a job may survive while it runs alone on it. */
const MAX_LOSSES_ALONE = 3;

const CANCEL_MESSAGES: Record<string, string> = {
  cancelled: 'The job was cancelled.',
  environment_deleted: 'The job was cancelled because its environment is being deleted.',
};

export function cancelledError(code: string | null): JobError {
  const known = code ?? 'cancelled';
  return {
    code: known,
    family: 'user',
    message: CANCEL_MESSAGES[known] ?? 'The job was cancelled.',
    extract: null,
  };
}

const WORKER_KILLED: JobError = {
  code: 'worker_killed',
  family: 'operational',
  message:
    'Every worker that ran this job alone was lost, most likely because it ran out of memory. Ask for less, or give workers more.',
  extract: null,
};

export const PUBLISH_FAILED: JobError = {
  code: 'publish_failed',
  family: 'operational',
  message:
    'The new revision was made but could not be published, so the revision before it stays in use. Look at the log, then repeat the change.',
  extract: null,
};

/** Fails a job, waiting or running, and tells its subject. */
export async function failJob(move: Move, job: Job, error: JobError): Promise<void> {
  await over(move, job, 'failed', error);
}

export async function cancelJob(move: Move, job: Job): Promise<Job> {
  return over(move, job, 'cancelled', cancelledError(job.cancel_code));
}

async function over(move: Move, job: Job, to: 'failed' | 'cancelled', error: JobError): Promise<Job> {
  const ended = await endJob(move, job, to, { error });
  if (job.status === 'running') {
    await endClaim(move.tx, job.id, job.epoch, to);
    await reactorOf(job.subject_type).released(move, job, job.epoch);
  }
  await reactorOf(job.subject_type).ended(move, job, error);
  move.audit({
    actorId: job.requested_by,
    organizationId: job.organization_id,
    action: `${job.subject_type}.${job.type}`,
    resourceType: job.subject_type,
    resourceId: job.subject_id,
    outcome: to,
    after: { job_id: job.id, code: error.code },
  });
  return ended;
}

/** Fails a running job, or gives it another attempt when its error is of the kind that passes. */
export async function failOrRetry(move: Move, job: Job, error: JobError): Promise<'failed' | 'retry'> {
  const attempts = job.attempts_used + 1;
  const mayRetry =
    RETRYABLE_CODES.includes(error.code) && attempts < job.max_attempts && job.cancel_requested_at === null;
  if (!mayRetry) {
    await failJob(move, job, error);
    return 'failed';
  }
  // Doubling, with up to half as much again at random, so that many jobs do not come back at one moment.
  const delaySeconds = RETRY_BASE_SECONDS * 2 ** job.attempts_used * (1 + Math.random() / 2);
  await endEpoch(move, job, 'retry');
  await requeueJob(move, job, {
    attempts_used: attempts,
    not_before: new FromNow(delaySeconds),
    waiting_for: `another attempt (${attempts + 1} of ${job.max_attempts}): ${error.message}`,
  });
  return 'retry';
}

/** Gives a job back that its worker had no time for; that costs it no attempt. One that is to stop ends instead. */
export async function releaseEpoch(move: Move, job: Job): Promise<void> {
  if (job.committed_at === null && job.cancel_requested_at !== null) {
    await cancelJob(move, job);
    return;
  }
  await endEpoch(move, job, 'released');
  await requeueJob(move, job);
}

export type Loss =
  /** The worker was silent for longer than its lease. */
  | 'worker'
  /** The worker lives and does not list the job. */
  | 'forgotten';

/** Ends the epoch of a running job that nobody runs any more: it waits again, or has been lost too often. */
export async function loseEpoch(move: Move, job: Job, loss: Loss): Promise<void> {
  if (job.committed_at === null && job.cancel_requested_at !== null) {
    await cancelJob(move, job);
    await markLost(move, job);
    return;
  }
  const verdict = loss === 'worker' ? lostWithWorker(job) : forgotten(job);
  if ('error' in verdict) {
    await failJob(move, job, verdict.error);
    await markLost(move, job);
    return;
  }
  await endEpoch(move, job, 'lost');
  await requeueJob(move, job, { attempts_used: job.attempts_used + 1, ...verdict.set });
}

type Verdict = { error: JobError } | { set: Partial<Record<keyof Job, unknown>> };

function lostWithWorker(job: Job): Verdict {
  const waiting_for = 'a worker: the one that ran it was lost';
  // Publishing needs no memory to speak of: it is nobody's fault that its worker died, and it needs no worker alone.
  if (job.committed_at !== null) {
    return job.attempts_used + 1 >= MAX_PUBLISH_LOSSES ? { error: PUBLISH_FAILED } : { set: { waiting_for } };
  }
  const losses = job.worker_losses + (job.runs_alone ? 1 : 0);
  if (losses >= MAX_LOSSES_ALONE) return { error: WORKER_KILLED };
  return { set: { worker_losses: losses, runs_alone: true, waiting_for } };
}

function forgotten(job: Job): Verdict {
  if (job.attempts_used + 1 < job.max_attempts) {
    return { set: { waiting_for: 'a worker: the one that ran it forgot about it' } };
  }
  if (job.committed_at !== null) return { error: PUBLISH_FAILED };
  const message = 'Workers stopped working on this job without a report; this is a bug in Darb.';
  return { error: { code: 'worker_forgot', family: 'bug', message, extract: null } };
}

/** Ends a running job whose claim, or whose request to cancel, has had all the time that it may have. */
export async function expireEpoch(move: Move, job: Job): Promise<void> {
  if (job.committed_at !== null) await failJob(move, job, PUBLISH_FAILED);
  else if (job.cancel_requested_at !== null) await cancelJob(move, job);
  else {
    const message = 'The job took longer than it may, and its worker did not stop it in time.';
    await failJob(move, job, { code: 'timeout', family: 'operational', message, extract: null });
  }
  await markLost(move, job);
}

async function endEpoch(move: Move, job: Job, reason: ClaimEnd): Promise<void> {
  await endClaim(move.tx, job.id, job.epoch, reason);
  await reactorOf(job.subject_type).released(move, job, job.epoch);
}

/** The log of an epoch that ended without its worker is closed by jobs, which finds it by this reason. */
async function markLost(move: Move, job: Job): Promise<void> {
  await move.tx.query(`UPDATE jobs.claims SET end_reason = 'lost' WHERE job_id = $1 AND epoch = $2`, [
    job.id,
    job.epoch,
  ]);
}
