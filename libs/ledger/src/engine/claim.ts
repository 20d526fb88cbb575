import { DEADLINE_MARGIN_SECONDS } from '@darb/models';
import type { ClaimAnswer, ClaimRequest, WorkOrder } from '@darb/models';
import type { Claim, Job } from '@darb/models/entities';
import { LedgerError } from '../errors.js';
import { inMove } from '../move.js';
import type { Move } from '../move.js';
import { reactorOf } from '../reactors.js';
import type { Runner, SubjectOrder } from '../reactors.js';
import { firstRow } from '../sql.js';
import type { Queryable } from '../sql.js';
import { failJob } from './endings.js';
import { FromNow, lockJob, moveJob, NOW } from './rows.js';

/** What a run may use, where its request says nothing. */
export interface JobLimits {
  timeout_seconds: number;
  idle_timeout_seconds: number;
  log_limit_bytes: number;
}

export type ClaimOutcome = { claimed: ClaimAnswer } | { refused: LedgerError };

/**
 * Gives a job to the worker that holds its current dispatch. The same delivery id gets the same answer again.
 * `refused` is an answer, not an exception, because a job that can't be done any more is ended on the way.
 */
export function claimJob(
  tx: Queryable,
  jobId: string,
  request: ClaimRequest,
  limits: JobLimits,
): Promise<ClaimOutcome> {
  return inMove(tx, async (move) => {
    const job = await lockJob(tx, jobId);
    const worker = await firstRow<{ store_id: string }>(
      tx,
      'SELECT store_id FROM jobs.workers WHERE id = $1 AND ended_at IS NULL',
      [request.worker_id],
    );
    if (!worker) return superseded();
    const runner = { workerId: request.worker_id, storeId: worker.store_id };
    if (job.status === 'running') return repeatClaim(move, job, request, runner, limits);
    const isCurrent =
      job.status === 'pending' &&
      job.worker_id === request.worker_id &&
      job.dispatch_no === request.dispatch_no;
    return isCurrent ? claim(move, job, request, runner, limits) : superseded();
  });
}

async function claim(
  move: Move,
  job: Job,
  request: ClaimRequest,
  runner: Runner,
  limits: JobLimits,
): Promise<ClaimOutcome> {
  const written = await reactorOf(job.subject_type).claimed(move, job, runner);
  if ('refused' in written) {
    await failJob(move, job, written.refused);
    return superseded(written.refused.message);
  }
  const epoch = job.epoch + 1;
  const own = limitsOf(job, limits);
  const allowedSeconds = own.timeout_seconds + DEADLINE_MARGIN_SECONDS;
  const claimed = await moveJob(move, job, 'running', {
    epoch,
    started_at: job.started_at ?? NOW,
    waiting_for: null,
    deadline_at: new FromNow(allowedSeconds),
    missed: 0,
  });
  await move.tx.query(
    `INSERT INTO jobs.claims (job_id, epoch, worker_id, delivery_id, dispatch_no, base_revision, deadline_at)
     VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7))`,
    [
      job.id,
      epoch,
      request.worker_id,
      request.delivery_id,
      request.dispatch_no,
      written.baseRevision,
      allowedSeconds,
    ],
  );
  return { claimed: { epoch, work_order: orderOf(claimed, written.order, own) } };
}

/** The order follows from the job and its base, so that the same claim gets the same order again. */
async function repeatClaim(
  move: Move,
  job: Job,
  request: ClaimRequest,
  runner: Runner,
  limits: JobLimits,
): Promise<ClaimOutcome> {
  const earlier = await firstRow<Claim>(
    move.tx,
    'SELECT * FROM jobs.claims WHERE job_id = $1 AND epoch = $2 AND delivery_id = $3 AND worker_id = $4',
    [job.id, job.epoch, request.delivery_id, request.worker_id],
  );
  if (!earlier || earlier.ended_at !== null) return superseded();
  const written = await reactorOf(job.subject_type).claimed(move, job, runner, earlier.base_revision);
  if ('refused' in written) return superseded(written.refused.message);
  const order = orderOf(job, written.order, limitsOf(job, limits));
  return { claimed: { epoch: job.epoch, work_order: order } };
}

function limitsOf(job: Job, limits: JobLimits): JobLimits {
  return {
    timeout_seconds: job.timeout_seconds ?? limits.timeout_seconds,
    idle_timeout_seconds: job.idle_timeout_seconds ?? limits.idle_timeout_seconds,
    log_limit_bytes: limits.log_limit_bytes,
  };
}

function orderOf(job: Job, order: SubjectOrder, limits: JobLimits): WorkOrder {
  return {
    ...order,
    job_id: job.id,
    type: job.type,
    subject: { type: job.subject_type, id: job.subject_id },
    limits,
    phase: job.committed_at === null ? 'run' : 'publish_only',
  } as WorkOrder;
}

function superseded(message = 'This delivery is no longer the current one: drop it.'): ClaimOutcome {
  return { refused: new LedgerError('delivery_superseded', message) };
}
