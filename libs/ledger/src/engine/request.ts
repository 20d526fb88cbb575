import { laneOf, mapDocuments, takesTurn } from '@darb/models';
import type { Change, DocumentReference, StoredChange, Subject } from '@darb/models';
import type { Job } from '@darb/models/entities';
import { v7 as uuidv7 } from 'uuid';
import { Documents } from '../documents.js';
import { LedgerError } from '../errors.js';
import { inMove } from '../move.js';
import type { Move } from '../move.js';
import { reactorOf } from '../reactors.js';
import type { Acceptance, Requester, SubjectRequest } from '../reactors.js';
import { firstRow, json, rows } from '../sql.js';
import type { Queryable } from '../sql.js';
import { cancelJob } from './endings.js';
import { lockJob, NOW, updateJob } from './rows.js';

/** Most jobs that may wait at a time; 0 is no limit. */
export interface WaitingLimits {
  perOrganization: number;
  perUser: number;
}

export interface JobRequest {
  subject: Subject;
  /** Documents are texts, or references where an earlier job brought them. */
  change: Change<string | DocumentReference>;
  requester: Requester;
  /** The revision that the change was made for; another one is refused as outdated. */
  expectedRevision?: number;
  priority?: number;
  timeoutSeconds?: number;
  idleTimeoutSeconds?: number;
  retryOf?: string;
  limits?: WaitingLimits;
}

export interface RequestedJob {
  job: Job;
  /** Running jobs that were asked to cancel (a delete does): tell their workers after the commit. */
  cancelled: Acceptance['cancelled'];
}

/**
 * Accepts one operation: job, subject, documents, audit entry and events, all in the caller's transaction.
 * @throws LedgerError environment_not_found | environment_deleting | outdated | too_many_jobs | store_not_found |
 *   not_retryable
 */
export function requestJob(tx: Queryable, request: JobRequest): Promise<RequestedJob> {
  return inMove(tx, async (move) => {
    const seq = takesTurn(request.change.type) ? await takeTurn(tx, laneOf(request.subject)) : null;
    const documents = new Documents();
    const subjectRequest: SubjectRequest = {
      subject: request.subject,
      change: mapDocuments(request.change, (document) =>
        typeof document === 'string' ? documents.add(document) : documents.keep(document),
      ) as StoredChange,
      requester: request.requester,
      expectedRevision: request.expectedRevision ?? null,
    };
    const acceptance = await reactorOf(request.subject.type).requested(move, subjectRequest);
    if (acceptance.existing) return { job: acceptance.existing, cancelled: [] };
    await requireRoom(tx, request, acceptance.organizationId);
    await documents.store(tx);
    const job = await insertJob(tx, request, subjectRequest.change, acceptance, seq);
    move.jobMoved(job);
    move.wakeDispatch();
    move.audit({
      actorId: request.requester.userId,
      organizationId: acceptance.organizationId,
      action: `${request.subject.type}.${request.change.type}`,
      resourceType: request.subject.type,
      resourceId: request.subject.id,
      outcome: 'requested',
      address: request.requester.address ?? null,
      after: { job_id: job.id, ...subjectRequest.change },
    });
    return { job, cancelled: acceptance.cancelled };
  });
}

/** Locks the lane and takes its next number; a number that is given back by a rollback is used again. */
async function takeTurn(tx: Queryable, lane: string): Promise<number> {
  const turn = await firstRow<{ last_seq: string }>(
    tx,
    `INSERT INTO jobs.lanes (lane, last_seq) VALUES ($1, 1)
     ON CONFLICT (lane) DO UPDATE SET last_seq = lanes.last_seq + 1 RETURNING last_seq`,
    [lane],
  );
  return Number(turn!.last_seq);
}

async function requireRoom(tx: Queryable, request: JobRequest, organizationId: string | null): Promise<void> {
  const { perOrganization = 0, perUser = 0 } = request.limits ?? {};
  // What gives space back is always taken.
  if (request.change.type === 'delete' || organizationId === null || perOrganization + perUser === 0) return;
  const waiting = await firstRow<{ of_organization: number; of_user: number }>(
    tx,
    `SELECT count(*)::int AS of_organization, count(*) FILTER (WHERE requested_by = $2)::int AS of_user
     FROM jobs.jobs WHERE status = 'pending' AND organization_id = $1`,
    [organizationId, request.requester.userId],
  );
  const isFull =
    (perOrganization > 0 && waiting!.of_organization >= perOrganization) ||
    (perUser > 0 && waiting!.of_user >= perUser);
  if (!isFull) return;
  const message = `${waiting!.of_organization} jobs of this organization are waiting already. Try again when some of them have run, or cancel those that are not needed.`;
  throw new LedgerError('too_many_jobs', message);
}

async function insertJob(
  tx: Queryable,
  request: JobRequest,
  change: StoredChange,
  acceptance: Acceptance,
  seq: number | null,
): Promise<Job> {
  const [job] = await rows<Job>(
    tx,
    `INSERT INTO jobs.jobs
       (id, type, subject_type, subject_id, subject_name, organization_id, lane, lane_seq, requested_by, change,
        expected_revision, requirements, store_id, priority, retry_of, timeout_seconds, idle_timeout_seconds,
        waiting_for)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
       CASE WHEN EXISTS (
         SELECT 1 FROM jobs.jobs WHERE lane = $7 AND status IN ('pending', 'running')
       ) THEN $18 END)
     RETURNING *`,
    [
      uuidv7(),
      change.type,
      request.subject.type,
      request.subject.id,
      acceptance.name,
      acceptance.organizationId,
      seq === null ? null : laneOf(request.subject),
      seq,
      request.requester.userId,
      json(change),
      request.expectedRevision ?? null,
      json(acceptance.requirements),
      acceptance.storeId,
      request.priority ?? 0,
      request.retryOf ?? null,
      request.timeoutSeconds ?? null,
      request.idleTimeoutSeconds ?? null,
      EARLIER[request.subject.type],
    ],
  );
  return job!;
}

const EARLIER = {
  environment: 'an earlier change of this environment',
  store: 'earlier work on this store',
} as const;

/**
 * Cancels a waiting job at once, or asks the worker of a running one to stop.
 * @returns the job, and the worker to tell after the commit (null when the job is already over).
 * @throws LedgerError job_not_found | job_finished | already_committed
 */
export function requestCancel(
  tx: Queryable,
  jobId: string,
  requester: Requester,
): Promise<{ job: Job; workerId: string | null }> {
  return inMove(tx, async (move) => {
    const job = await lockJob(tx, jobId);
    if (job.finished_at !== null) {
      throw new LedgerError('job_finished', `The job is already ${job.status}.`);
    }
    if (job.committed_at !== null) {
      throw new LedgerError(
        'already_committed',
        'The job has already made its revision; it can no longer be cancelled.',
      );
    }
    move.audit({
      actorId: requester.userId,
      organizationId: job.organization_id,
      action: 'job.cancel',
      resourceType: 'job',
      resourceId: job.id,
      outcome: 'requested',
      address: requester.address ?? null,
    });
    return askToCancel(move, job, requester, 'cancelled');
  });
}

/** Ends a locked job that waits; a running one is asked to stop, and its worker has so long for it. */
export async function askToCancel(
  move: Move,
  job: Job,
  requester: Requester,
  code: 'cancelled' | 'environment_deleted',
): Promise<{ job: Job; workerId: string | null }> {
  if (job.cancel_requested_at !== null) return { job, workerId: job.worker_id };
  const asked = await updateJob(move, job, {
    cancel_requested_at: NOW,
    cancel_requested_by: requester.userId,
    cancel_code: code,
  });
  if (job.status === 'pending') return { job: await cancelJob(move, asked), workerId: null };
  move.jobNoted(asked);
  return { job: asked, workerId: job.worker_id };
}
