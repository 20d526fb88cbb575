import type { FinishAnswer, FinishRequest, JobError, JobType } from '@darb/models';
import type { Artifact, Claim, Environment, Job } from '@darb/models/entities';
import { isCurrent, lockEpoch, revisionPath, staleEpoch } from './claim.js';
import { LedgerError } from './errors.js';
import {
  dropReservation,
  endClaim,
  endJob,
  requeueJob,
  settleAfterFailure,
  settleAfterRequeue,
} from './moves.js';
import { json, recordAudit, recordEnvironmentEvent, recordJobEvent, wakeDispatch } from './records.js';
import { cancelledError } from './request.js';
import { firstRow, rows } from './sql.js';
import type { Queryable } from './sql.js';

/** Errors of transport: the same job may well succeed a little later. Everything else is for a person. */
export const RETRYABLE_CODES: readonly string[] = ['network', 'store_unavailable'];
const RETRY_BASE_SECONDS = 5;

/** Types whose success is a new revision. */
const REVISION_TYPES: readonly JobType[] = [
  'create',
  'install',
  'remove',
  'update',
  'apply',
  'import',
  'rollback',
];

/**
 * Takes the outcome of an epoch. Failed and cancelled end the job (or give it another attempt); succeeded
 * commits the revision, after which the job can only become completed. Asked again, it answers the same.
 * @throws LedgerError stale_epoch | unknown_artifact
 */
export async function finishJob(
  tx: Queryable,
  jobId: string,
  epoch: number,
  workerId: string,
  request: FinishRequest,
): Promise<FinishAnswer> {
  const { environment, job, claim } = await lockEpoch(tx, jobId, epoch, workerId);
  if (claim.finish_answer) return claim.finish_answer;
  if (!isCurrent(job, claim)) throw staleEpoch();
  // A commit of an earlier epoch cannot be taken back: this one has only to publish it.
  if (job.committed_at !== null)
    return storeAnswer(tx, claim, request, await repeatCommit(tx, job, workerId));
  const answer = await decide(tx, environment, job, claim, request);
  if (answer.state !== 'publish') await wakeDispatch(tx);
  return storeAnswer(tx, claim, request, answer);
}

async function decide(
  tx: Queryable,
  environment: Environment,
  job: Job,
  claim: Claim,
  request: FinishRequest,
): Promise<FinishAnswer> {
  if (job.cancel_requested_at !== null && request.outcome !== 'failed') {
    return cancel(tx, environment, job, claim);
  }
  if (request.outcome === 'succeeded') return commit(tx, environment, job, claim, request);
  if (request.outcome === 'cancelled') return cancel(tx, environment, job, claim);
  return fail(tx, environment, job, claim, request.error ?? UNEXPLAINED);
}

const UNEXPLAINED: JobError = {
  code: 'tool_failed',
  family: 'bug',
  message: 'The job failed without saying why; its log may tell more.',
  extract: null,
};

async function commit(
  tx: Queryable,
  environment: Environment,
  job: Job,
  claim: Claim,
  request: FinishRequest,
): Promise<FinishAnswer> {
  const revision = REVISION_TYPES.includes(job.type)
    ? await insertRevision(tx, environment, job, claim, request)
    : null;
  const [committed] = await rows<Job>(
    tx,
    `UPDATE jobs.jobs SET committed_at = now(), committed_revision = $2, progress = $3 WHERE id = $1 RETURNING *`,
    [job.id, revision?.number ?? null, json({ phase: 'publish', done: null, total: null })],
  );
  await recordJobEvent(tx, committed!);
  await recordEnvironmentEvent(tx, environment.id);
  return {
    state: 'publish',
    status: 'running',
    revision: revision?.number ?? null,
    artifact_path: revision?.path ?? null,
  };
}

async function repeatCommit(tx: Queryable, job: Job, workerId: string): Promise<FinishAnswer> {
  const revision = job.committed_revision;
  return {
    state: 'publish',
    status: 'running',
    revision,
    artifact_path: revision === null ? null : await revisionPath(tx, job.environment_id, revision, workerId),
  };
}

async function cancel(
  tx: Queryable,
  environment: Environment,
  job: Job,
  claim: Claim,
): Promise<FinishAnswer> {
  const error = cancelledError(job.cancel_code ?? 'cancelled');
  await endJob(tx, job, 'cancelled', { error });
  await closeEpoch(tx, environment, job, claim, 'cancelled', error);
  return { state: 'done', status: 'cancelled', revision: null, artifact_path: null };
}

async function fail(
  tx: Queryable,
  environment: Environment,
  job: Job,
  claim: Claim,
  error: JobError,
): Promise<FinishAnswer> {
  const attempts = job.attempts_used + 1;
  const mayRetry =
    RETRYABLE_CODES.includes(error.code) && attempts < job.max_attempts && job.cancel_requested_at === null;
  if (!mayRetry) {
    await endJob(tx, job, 'failed', { error });
    await closeEpoch(tx, environment, job, claim, 'failed', error);
    return { state: 'done', status: 'failed', revision: null, artifact_path: null };
  }
  // Doubling, with up to half as much again at random, so that many jobs do not come back at one moment.
  const delay = RETRY_BASE_SECONDS * 2 ** job.attempts_used * (1 + Math.random() / 2);
  await requeueJob(tx, job, {
    attempts_used: attempts,
    not_before: new Date(Date.now() + delay * 1000),
    waiting_for: `another attempt (${attempts + 1} of ${job.max_attempts}): ${error.message}`,
  });
  await dropReservation(tx, job, claim.epoch);
  await endClaim(tx, job, claim.epoch, 'retry');
  await settleAfterRequeue(tx, environment, job);
  return { state: 'retry', status: 'pending', revision: null, artifact_path: null };
}

async function closeEpoch(
  tx: Queryable,
  environment: Environment,
  job: Job,
  claim: Claim,
  outcome: 'failed' | 'cancelled',
  error: { code: string; message: string },
): Promise<void> {
  await dropReservation(tx, job, claim.epoch);
  await endClaim(tx, job, claim.epoch, outcome);
  await settleAfterFailure(tx, environment, job, error);
  await recordAudit(tx, {
    actorId: job.requested_by,
    organizationId: job.organization_id,
    action: `environment.${job.type}`,
    resourceType: 'environment',
    resourceId: environment.id,
    outcome,
    after: { job_id: job.id, code: error.code },
  });
}

async function insertRevision(
  tx: Queryable,
  environment: Environment,
  job: Job,
  claim: Claim,
  request: FinishRequest,
): Promise<{ number: number; path: string }> {
  const artifact = await adoptArtifact(tx, job, claim, request);
  const number = (environment.revision ?? 0) + 1;
  await tx.query(
    `INSERT INTO environments.revisions (environment_id, number, job_id, manifest, lockfile, digest, artifact_id,
       reason, packages, tool_version, python_version, size_bytes, package_count, created_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
    [
      environment.id,
      number,
      job.id,
      request.manifest,
      request.lockfile,
      artifact.digest,
      artifact.id,
      job.type,
      [...(job.arguments.packages ?? []), ...(job.arguments.pypi_packages ?? [])],
      request.tool_version,
      request.python_version,
      artifact.size_bytes ?? request.size_bytes,
      request.packages.length,
      job.requested_by,
    ],
  );
  await tx.query(
    `INSERT INTO environments.revision_packages
       (environment_id, number, kind, name, version, build, channel, explicit, requested, size_bytes, license)
     SELECT $1, $2, p.kind, p.name, p.version, p.build, p.channel, p.explicit, p.requested, p.size_bytes, p.license
     FROM jsonb_to_recordset($3) AS p (kind text, name text, version text, build text, channel text,
       explicit boolean, requested text, size_bytes bigint, license text)`,
    [environment.id, number, JSON.stringify(request.packages)],
  );
  await tx.query(
    `INSERT INTO environments.artifact_refs (artifact_id, kind, holder_id, number) VALUES ($1, 'revision', $2, $3)`,
    [artifact.id, environment.id, number],
  );
  await tx.query(
    'UPDATE environments.environments SET revision = $2, last_error = NULL, updated_at = now() WHERE id = $1',
    [environment.id, number],
  );
  await recordAudit(tx, {
    actorId: job.requested_by,
    organizationId: job.organization_id,
    action: 'revision.create',
    resourceType: 'environment',
    resourceId: environment.id,
    outcome: 'succeeded',
    before: { revision: environment.revision },
    after: { revision: number, job_id: job.id, digest: artifact.digest },
  });
  return { number, path: artifact.path };
}

/** The first finish of a digest wins; a later builder gets the winner's tree and its own is left to deletion. */
async function adoptArtifact(
  tx: Queryable,
  job: Job,
  claim: Claim,
  request: FinishRequest,
): Promise<{ id: string; digest: string; path: string; size_bytes: number | null }> {
  const own = await firstRow<Artifact>(
    tx,
    `SELECT a.* FROM environments.artifacts a
     JOIN environments.artifact_refs f ON f.artifact_id = a.id AND f.kind = 'job' AND f.holder_id = $2 AND f.number = $3
     WHERE a.id = $1`,
    [request.artifact_id, job.id, claim.epoch],
  );
  if (!own)
    throw new LedgerError('unknown_artifact', 'This epoch has not reserved that artifact: reserve it first.');
  // Two finishes of one digest take turns, else both would try to become the ready one.
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${own.pool}/${own.digest}`]);
  const winner = await firstRow<Artifact & { path: string }>(
    tx,
    `SELECT a.*, c.path FROM environments.artifacts a
     JOIN environments.artifact_copies c ON c.artifact_id = a.id AND c.state = 'ready'
     JOIN jobs.workers w ON w.id = $3 AND w.store_id = c.store_id
     WHERE a.pool = $1 AND a.digest = $2 AND a.state = 'ready'`,
    [own.pool, own.digest, claim.worker_id],
  );
  if (winner) {
    return { id: winner.id, digest: winner.digest, path: winner.path, size_bytes: sizeOf(winner) };
  }
  // One that was found damaged makes room for its successor.
  await tx.query(
    `UPDATE environments.artifacts SET state = 'deleting' WHERE pool = $1 AND digest = $2 AND state = 'damaged'`,
    [own.pool, own.digest],
  );
  await tx.query(
    `UPDATE environments.artifacts SET state = 'ready', ready_at = now(), size_bytes = $2, file_count = $3,
       tool_version = $4, python_version = $5 WHERE id = $1 AND state = 'building'`,
    [own.id, request.size_bytes, request.file_count, request.tool_version, request.python_version],
  );
  const [copy] = await rows<{ path: string }>(
    tx,
    `UPDATE environments.artifact_copies SET state = 'ready' WHERE artifact_id = $1 RETURNING path`,
    [own.id],
  );
  return { id: own.id, digest: own.digest, path: copy!.path, size_bytes: request.size_bytes };
}

function sizeOf(artifact: Artifact): number | null {
  return artifact.size_bytes === null ? null : Number(artifact.size_bytes);
}

async function storeAnswer(
  tx: Queryable,
  claim: Claim,
  request: FinishRequest,
  answer: FinishAnswer,
): Promise<FinishAnswer> {
  await tx.query(
    `UPDATE jobs.claims SET finish_answer = $3, timings = $4, log_last_seq = $5 WHERE job_id = $1 AND epoch = $2`,
    [claim.job_id, claim.epoch, JSON.stringify(answer), JSON.stringify(request.timings), request.last_seq],
  );
  return answer;
}
