/** The single steps from one state to the next; every one checks the transition tables in models. */
import { ENVIRONMENT_TRANSITIONS, JOB_TRANSITIONS, sourcesOf } from '@darb/models';
import type { EnvironmentStatus, JobError, JobStatus } from '@darb/models';
import type { Environment, Job } from '@darb/models/entities';
import { recordEnvironmentEvent, recordJobEvent, json } from './records.js';
import { firstRow } from './sql.js';
import type { Queryable } from './sql.js';

export type ClaimEnd = 'published' | 'failed' | 'cancelled' | 'retry' | 'released' | 'lost';

/**
 * Moves a job and records the event. `set` are further columns; names come from code, never from a person.
 * @returns the row after the move, or undefined when the job was not in a state that allows it.
 */
export async function moveJob(
  tx: Queryable,
  jobId: string,
  to: JobStatus,
  set: Partial<Record<keyof Job, unknown>> = {},
): Promise<Job | undefined> {
  const columns = Object.keys(set);
  const assignments = columns.map((column, index) => `${column} = $${index + 4}`);
  const job = await firstRow<Job>(
    tx,
    `UPDATE jobs.jobs SET ${['status = $2', ...assignments].join(', ')}
     WHERE id = $1 AND status = ANY($3) RETURNING *`,
    [jobId, to, sourcesOf(JOB_TRANSITIONS, to), ...columns.map((column) => set[column as keyof Job])],
  );
  if (job) await recordJobEvent(tx, job);
  return job;
}

/** Ends a job for good. The caller settles the environment. */
export async function endJob(
  tx: Queryable,
  job: Job,
  to: 'completed' | 'failed' | 'cancelled',
  details: { error?: JobError | null; result?: Record<string, unknown> | null } = {},
): Promise<Job | undefined> {
  return moveJob(tx, job.id, to, {
    error: json(details.error),
    result: json(details.result),
    waiting_for: null,
    progress: null,
    worker_id: null,
    finished_at: new Date(),
  });
}

/** Gives a job back to the queue; `set` says what that costs it. */
export async function requeueJob(
  tx: Queryable,
  job: Job,
  set: Partial<Record<keyof Job, unknown>> = {},
): Promise<Job | undefined> {
  return moveJob(tx, job.id, 'pending', { worker_id: null, dispatched_at: null, progress: null, ...set });
}

export async function endClaim(tx: Queryable, job: Job, epoch: number, reason: ClaimEnd): Promise<void> {
  await tx.query(
    `UPDATE jobs.claims SET ended_at = now(), end_reason = $3
     WHERE job_id = $1 AND epoch = $2 AND ended_at IS NULL`,
    [job.id, epoch, reason],
  );
}

/** Lets go of the artifact that an epoch had reserved; one that it was building is left to collection. */
export async function dropReservation(tx: Queryable, job: Job, epoch: number): Promise<void> {
  const parameters = [job.id, epoch];
  const held = `SELECT artifact_id FROM environments.artifact_refs WHERE kind = 'job' AND holder_id = $1 AND number = $2`;
  await tx.query(
    `UPDATE environments.artifact_copies SET state = 'deleting' WHERE state = 'building' AND artifact_id IN (${held})`,
    parameters,
  );
  await tx.query(
    `UPDATE environments.artifacts SET state = 'deleting' WHERE state = 'building' AND id IN (${held})`,
    parameters,
  );
  await tx.query(
    `DELETE FROM environments.artifact_refs WHERE kind = 'job' AND holder_id = $1 AND number = $2`,
    parameters,
  );
}

/** Moves an environment whose row is locked; a move that the table forbids leaves it alone. */
export async function moveEnvironment(
  tx: Queryable,
  environment: Environment,
  to: EnvironmentStatus,
  set: Partial<Record<keyof Environment, unknown>> = {},
): Promise<void> {
  const columns = Object.keys(set);
  const assignments = columns.map((column, index) => `${column} = $${index + 4}`);
  const allowed: EnvironmentStatus[] = [to, ...sourcesOf(ENVIRONMENT_TRANSITIONS, to)];
  await tx.query(
    `UPDATE environments.environments SET ${['status = $2', 'updated_at = now()', ...assignments].join(', ')}
     WHERE id = $1 AND status = ANY($3)`,
    [environment.id, to, allowed, ...columns.map((column) => set[column as keyof Environment])],
  );
  await recordEnvironmentEvent(tx, environment.id);
}

/** Where an environment is when no job of it runs: what worked keeps working. */
export function restingStatus(environment: Environment): EnvironmentStatus {
  if (environment.revision !== null) return 'ready';
  return environment.status === 'failed' ? 'failed' : 'pending';
}

/** After a job ended without a new revision: back to where the environment was, with the error beside it. */
export async function settleAfterFailure(
  tx: Queryable,
  environment: Environment,
  job: Job,
  error: { code: string; message: string },
): Promise<void> {
  const lastError = json({ code: error.code, message: error.message });
  if (job.type === 'delete') {
    const before = environment.status_before_delete ?? restingStatus(environment);
    // Its other jobs were cancelled for the delete, so nothing is on its way any more.
    const back = before === 'updating' ? 'ready' : before === 'ready' ? 'ready' : 'failed';
    await moveEnvironment(tx, environment, back, { last_error: lastError, status_before_delete: null });
  } else if (environment.status === 'deleting') {
    await recordEnvironmentEvent(tx, environment.id);
  } else if (environment.revision !== null) {
    // A cancelled change is no error of an environment that works.
    await moveEnvironment(
      tx,
      environment,
      'ready',
      error.code === 'cancelled' ? {} : { last_error: lastError },
    );
  } else {
    await moveEnvironment(tx, environment, 'failed', { last_error: lastError });
  }
}

/** After a job went back to the queue: it waits again, and so does its environment. */
export async function settleAfterRequeue(tx: Queryable, environment: Environment, job: Job): Promise<void> {
  // Committed work is published next; until then the environment stays as it is.
  if (job.committed_at !== null || environment.status === 'deleting') return;
  if (environment.status === 'creating') await moveEnvironment(tx, environment, 'pending');
  if (environment.status === 'updating') await moveEnvironment(tx, environment, 'ready');
}
