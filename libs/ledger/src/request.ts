import { changesEnvironment } from '@darb/models';
import type { JobArguments, JobType } from '@darb/models';
import type { Job } from '@darb/models/entities';
import { v7 as uuidv7 } from 'uuid';
import { LedgerError } from './errors.js';
import { endJob, moveEnvironment, settleAfterFailure } from './moves.js';
import type { EnvironmentObject } from './objects.js';
import {
  lockEnvironment,
  recordAudit,
  recordEnvironmentEvent,
  recordJobEvent,
  wakeDispatch,
} from './records.js';
import { firstRow, rows } from './sql.js';
import type { Queryable } from './sql.js';

export interface Requester {
  userId: string;
  address?: string | null;
}

export interface JobRequest {
  type: JobType;
  environmentId: string;
  requester: Requester;
  arguments?: JobArguments;
  priority?: number;
}

export interface RequestedJob {
  job: Job;
  environment: EnvironmentObject;
  /** Running jobs that were asked to cancel (a delete does): tell their workers after the commit. */
  cancelled: { jobId: string; workerId: string }[];
}

/**
 * Accepts one operation: job, environment status, audit entry and events, all in the caller's transaction.
 * A second delete answers the job of the first.
 * @throws LedgerError environment_not_found | environment_deleting | outdated
 */
export async function requestJob(tx: Queryable, request: JobRequest): Promise<RequestedJob> {
  const environment = await lockEnvironment(tx, request.environmentId);
  if (environment.status === 'deleting') {
    const pendingDelete = request.type === 'delete' && (await activeDelete(tx, environment.id));
    if (!pendingDelete) {
      throw new LedgerError('environment_deleting', `Environment ${environment.name} is being deleted.`);
    }
    return {
      job: pendingDelete,
      environment: await recordEnvironmentEvent(tx, environment.id),
      cancelled: [],
    };
  }
  const expected = request.arguments?.expected_revision;
  if (expected !== undefined && expected !== environment.revision) {
    throw new LedgerError(
      'outdated',
      `The environment is at revision ${environment.revision ?? 'none'}, not ${expected}: look at it again, then repeat.`,
    );
  }
  const cancelled =
    request.type === 'delete' ? await cancelOthers(tx, environment.id, request.requester) : [];
  const job = await insertJob(tx, request, environment.organization_id);
  if (request.type === 'delete') {
    await moveEnvironment(tx, environment, 'deleting', { status_before_delete: environment.status });
  }
  await recordJobEvent(tx, job);
  await recordAudit(tx, {
    actorId: request.requester.userId,
    organizationId: environment.organization_id,
    action: `environment.${request.type}`,
    resourceType: 'environment',
    resourceId: environment.id,
    outcome: 'requested',
    address: request.requester.address ?? null,
    after: { job_id: job.id, ...request.arguments },
  });
  await wakeDispatch(tx);
  return { job, environment: await recordEnvironmentEvent(tx, environment.id), cancelled };
}

async function insertJob(tx: Queryable, request: JobRequest, organizationId: string): Promise<Job> {
  const takesTurn = changesEnvironment(request.type);
  const [job] = await rows<Job>(
    tx,
    `WITH turn AS (
       UPDATE environments.environments SET last_seq = last_seq + 1 WHERE id = $3 AND $4 RETURNING last_seq
     )
     INSERT INTO jobs.jobs
       (id, type, environment_id, organization_id, environment_seq, requested_by, arguments, priority, waiting_for)
     SELECT $1, $2, $3, $5, (SELECT last_seq FROM turn), $6, $7, $8,
       CASE WHEN $4 AND EXISTS (
         SELECT 1 FROM jobs.jobs WHERE environment_id = $3 AND environment_seq IS NOT NULL AND status IN ('pending', 'running')
       ) THEN 'an earlier change of this environment' END
     RETURNING *`,
    [
      uuidv7(),
      request.type,
      request.environmentId,
      takesTurn,
      organizationId,
      request.requester.userId,
      JSON.stringify(request.arguments ?? {}),
      request.priority ?? 0,
    ],
  );
  return job!;
}

async function activeDelete(tx: Queryable, environmentId: string): Promise<Job | undefined> {
  return firstRow<Job>(
    tx,
    `SELECT * FROM jobs.jobs WHERE environment_id = $1 AND type = 'delete' AND status IN ('pending', 'running')
     ORDER BY environment_seq DESC LIMIT 1`,
    [environmentId],
  );
}

/** Ends the waiting jobs of an environment and asks the running ones to stop. */
async function cancelOthers(
  tx: Queryable,
  environmentId: string,
  requester: Requester,
): Promise<RequestedJob['cancelled']> {
  const others = await rows<Job>(
    tx,
    `SELECT * FROM jobs.jobs WHERE environment_id = $1 AND status IN ('pending', 'running') ORDER BY id FOR UPDATE`,
    [environmentId],
  );
  const asked: RequestedJob['cancelled'] = [];
  for (const job of others) {
    if (job.committed_at !== null) continue;
    if (job.status === 'pending') {
      await endJob(tx, job, 'cancelled', { error: cancelledError('environment_deleted') });
    } else {
      await askToCancel(tx, job, requester, 'environment_deleted');
      if (job.worker_id) asked.push({ jobId: job.id, workerId: job.worker_id });
    }
  }
  return asked;
}

/**
 * Cancels a waiting job at once, or asks the worker of a running one to stop.
 * @returns the job, and the worker to tell after the commit (null when the job is already over).
 * @throws LedgerError job_not_found | job_finished | already_committed
 */
export async function requestCancel(
  tx: Queryable,
  jobId: string,
  requester: Requester,
): Promise<{ job: Job; workerId: string | null }> {
  const found = await firstRow<{ environment_id: string }>(
    tx,
    'SELECT environment_id FROM jobs.jobs WHERE id = $1',
    [jobId],
  );
  if (!found) throw new LedgerError('job_not_found', 'There is no such job.');
  // The environment of a deleted one is still there: its row stays.
  const [environment] = await rows<Parameters<typeof settleAfterFailure>[1]>(
    tx,
    'SELECT * FROM environments.environments WHERE id = $1 FOR UPDATE',
    [found.environment_id],
  );
  const job = (await firstRow<Job>(tx, 'SELECT * FROM jobs.jobs WHERE id = $1 FOR UPDATE', [jobId]))!;
  if (job.finished_at !== null) {
    throw new LedgerError('job_finished', `The job is already ${job.status}.`);
  }
  if (job.committed_at !== null) {
    throw new LedgerError(
      'already_committed',
      'The job has already made its revision; it can no longer be cancelled.',
    );
  }
  await recordAudit(tx, {
    actorId: requester.userId,
    organizationId: job.organization_id,
    action: 'job.cancel',
    resourceType: 'job',
    resourceId: job.id,
    outcome: 'requested',
    address: requester.address ?? null,
  });
  if (job.status === 'running') {
    return { job: await askToCancel(tx, job, requester, 'cancelled'), workerId: job.worker_id };
  }
  const ended = await endJob(tx, job, 'cancelled', { error: cancelledError('cancelled') });
  await settleAfterFailure(tx, environment!, job, cancelledError('cancelled'));
  await wakeDispatch(tx);
  return { job: ended ?? job, workerId: null };
}

async function askToCancel(tx: Queryable, job: Job, requester: Requester, code: string): Promise<Job> {
  const [asked] = await rows<Job>(
    tx,
    `UPDATE jobs.jobs SET cancel_requested_at = coalesce(cancel_requested_at, now()),
       cancel_requested_by = coalesce(cancel_requested_by, $2), cancel_code = coalesce(cancel_code, $3)
     WHERE id = $1 RETURNING *`,
    [job.id, requester.userId, code],
  );
  await recordJobEvent(tx, asked!);
  return asked!;
}

const CANCEL_MESSAGES: Record<string, string> = {
  cancelled: 'The job was cancelled.',
  environment_deleted: 'The job was cancelled because its environment is being deleted.',
  timeout: 'The job took longer than it may and was stopped.',
};

export function cancelledError(code: string): {
  code: string;
  family: 'user';
  message: string;
  extract: null;
} {
  return { code, family: 'user', message: CANCEL_MESSAGES[code] ?? 'The job was cancelled.', extract: null };
}
