import type { FinishAnswer, FinishRequest, JobError, JobResult, PublishedAnswer } from '@darb/models';
import type { Claim, Job } from '@darb/models/entities';
import { LedgerError } from '../errors.js';
import { inMove } from '../move.js';
import type { Move } from '../move.js';
import { reactorOf } from '../reactors.js';
import type { Commit } from '../reactors.js';
import { cleanTexts, json } from '../sql.js';
import type { Queryable } from '../sql.js';
import { cancelJob, failOrRetry, PUBLISH_FAILED, releaseEpoch, RETRYABLE_CODES } from './endings.js';
import { endClaim, endJob, FromNow, isCurrent, lockClaim, NOW, staleEpoch, updateJob } from './rows.js';
import type { HeldJob } from './rows.js';

/** From the commit on: publishing is a rename, or a rebuild of the tree first. */
const PUBLISH_SECONDS = 900;

const UNEXPLAINED: JobError = {
  code: 'tool_failed',
  family: 'bug',
  message: 'The job failed without saying why; its log may tell more.',
  extract: null,
};

/**
 * Takes the outcome of an epoch. Failed and cancelled end the job (or give it another attempt); succeeded commits
 * what its subject makes of it, after which only publishing is left. Asked again, it answers the same.
 * @throws LedgerError stale_epoch | unknown_artifact
 */
export function finishJob(
  tx: Queryable,
  jobId: string,
  epoch: number,
  workerId: string,
  reported: FinishRequest,
): Promise<FinishAnswer> {
  // A tool, an index or a package may have said anything; a run must not end in an exception for that.
  const request = cleanTexts(reported);
  return inMove(tx, async (move) => {
    const held = await lockClaim(tx, jobId, epoch, workerId);
    const { job, claim } = held;
    const isRebuild = job.committed_at !== null && isCurrent(job, claim);
    if (claim.finish_answer && !isRebuild) return claim.finish_answer;
    if (!isCurrent(job, claim)) throw staleEpoch();
    const answer = isRebuild ? await recommit(move, held, request) : await decide(move, held, request);
    await tx.query(
      `UPDATE jobs.claims SET finish_answer = $3, timings = $4, log_last_seq = $5
       WHERE job_id = $1 AND epoch = $2`,
      [jobId, epoch, json(answer), json(request.timings), request.last_seq],
    );
    return answer;
  });
}

async function decide(move: Move, held: HeldJob, request: FinishRequest): Promise<FinishAnswer> {
  const { job } = held;
  const isCancelled = job.cancel_requested_at !== null && request.outcome !== 'failed';
  if (isCancelled || request.outcome === 'cancelled') {
    await cancelJob(move, job);
    return done('cancelled');
  }
  if (request.outcome === 'succeeded') return commit(move, held, request);
  const outcome = await failOrRetry(move, job, request.error ?? UNEXPLAINED);
  if (outcome === 'failed') return done('failed');
  return { state: 'retry', status: 'pending', revision: null, artifact_path: null };
}

async function commit(
  move: Move,
  { job, claim, runner }: HeldJob,
  request: FinishRequest,
): Promise<FinishAnswer> {
  const committed = await reactorOf(job.subject_type).finished(move, job, claim, runner, request);
  if (!committed.hasToPublish) {
    await complete(move, job, claim, 'completed', committed.result);
    return done('completed');
  }
  const running = await updateJob(move, job, {
    committed_at: NOW,
    result: json(committed.result),
    progress: json({ phase: 'publish', done: null, total: null }),
    deadline_at: new FromNow(PUBLISH_SECONDS),
  });
  move.jobMoved(running);
  return toPublish(committed);
}

/** A commit of an earlier epoch, or of this one, cannot be taken back: there is only its tree to replace. */
async function recommit(
  move: Move,
  { job, claim, runner }: HeldJob,
  request: FinishRequest,
): Promise<FinishAnswer> {
  if (request.outcome !== 'succeeded') {
    // What can't be built again can't be published.
    const { error } = request;
    const reason = error === null ? PUBLISH_FAILED : { ...error, code: publishCode(error) };
    const outcome = await failOrRetry(move, job, reason);
    if (outcome === 'failed') return done('failed');
    return { state: 'retry', status: 'pending', revision: null, artifact_path: null };
  }
  return toPublish(await reactorOf(job.subject_type).recommitted(move, job, claim, runner, request));
}

/** Errors that pass keep their code, so that they are tried again. */
function publishCode(error: JobError): string {
  return RETRYABLE_CODES.includes(error.code) ? error.code : 'publish_failed';
}

function toPublish(committed: Commit): FinishAnswer {
  return {
    state: 'publish',
    status: 'running',
    revision: committed.revision,
    artifact_path: committed.path,
  };
}

function done(status: 'completed' | 'failed' | 'cancelled'): FinishAnswer {
  return { state: 'done', status, revision: null, artifact_path: null };
}

/**
 * The work on disk is done: the job is completed. Asked again, it answers the same.
 * @throws LedgerError stale_epoch, with `highest` in `extra`, so that a late worker can put `current` right |
 *   not_committed when finish was never called.
 */
export function publishedJob(
  tx: Queryable,
  jobId: string,
  epoch: number,
  workerId: string,
  result: JobResult | null = null,
): Promise<PublishedAnswer> {
  return inMove(tx, async (move) => {
    const { job, claim, runner } = await lockClaim(tx, jobId, epoch, workerId);
    const highest = () => reactorOf(job.subject_type).highest(tx, job, runner);
    if (claim.end_reason === 'published') return { status: 'completed', highest: await highest() };
    if (!isCurrent(job, claim)) throw staleEpoch({ highest: await highest() });
    if (job.committed_at === null) {
      throw new LedgerError('not_committed', 'The job has not finished yet: call finish first.');
    }
    const final = await reactorOf(job.subject_type).published(move, job, result);
    await complete(move, job, claim, 'published', final);
    return { status: 'completed', highest: await highest() };
  });
}

async function complete(
  move: Move,
  job: Job,
  claim: Claim,
  reason: 'published' | 'completed',
  result: JobResult | null,
): Promise<void> {
  await endJob(move, job, 'completed', { result });
  await endClaim(move.tx, job.id, claim.epoch, reason);
  await reactorOf(job.subject_type).released(move, job, claim.epoch);
}

/**
 * A worker that stops gives its job back; that costs the job no attempt.
 * @throws LedgerError stale_epoch
 */
export function releaseJob(tx: Queryable, jobId: string, epoch: number, workerId: string): Promise<void> {
  return inMove(tx, async (move) => {
    const { job, claim } = await lockClaim(tx, jobId, epoch, workerId);
    if (claim.end_reason === 'released' || claim.end_reason === 'cancelled') return;
    if (!isCurrent(job, claim)) throw staleEpoch();
    await releaseEpoch(move, job);
  });
}
