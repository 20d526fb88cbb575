import { SHARED_POOL, changesEnvironment } from '@darb/models';
import type { ArtifactAnswer, ClaimAnswer, ClaimRequest, WorkOrder } from '@darb/models';
import type { Artifact, ArtifactCopy, Claim, Environment, Job, Revision } from '@darb/models/entities';
import { v7 as uuidv7 } from 'uuid';
import { LedgerError } from './errors.js';
import { endJob, moveEnvironment, moveJob, settleAfterFailure } from './moves.js';
import { lockJob } from './records.js';
import { firstRow, rows } from './sql.js';
import type { Queryable } from './sql.js';

export interface JobLimits {
  timeout_seconds: number;
  log_limit_bytes: number;
}

export type ClaimOutcome = { claimed: ClaimAnswer } | { refused: LedgerError };

/**
 * Gives a job to the worker that holds its current dispatch. The same delivery id gets the same answer again.
 * `refused` is an answer, not an exception, because a job that turns out to be outdated is ended on the way.
 */
export async function claimJob(
  tx: Queryable,
  jobId: string,
  request: ClaimRequest,
  limits: JobLimits,
): Promise<ClaimOutcome> {
  const repeated = await firstRow<Claim>(tx, 'SELECT * FROM jobs.claims WHERE delivery_id = $1', [
    request.delivery_id,
  ]);
  if (repeated && repeated.job_id === jobId) return { claimed: repeated.claim_answer };
  const { environment, job } = await lockJob(tx, jobId);
  if (
    job.status !== 'pending' ||
    job.worker_id !== request.worker_id ||
    job.dispatch_no !== request.dispatch_no ||
    repeated
  ) {
    return {
      refused: new LedgerError('delivery_superseded', 'This delivery is no longer the current one: drop it.'),
    };
  }
  const expected = job.arguments.expected_revision;
  if (expected !== undefined && job.committed_at === null && expected !== environment.revision) {
    return { refused: await refuseOutdated(tx, environment, job, expected) };
  }
  const workOrder = await writeWorkOrder(tx, environment, job, limits);
  const answer: ClaimAnswer = { epoch: job.epoch + 1, work_order: workOrder };
  await moveJob(tx, job.id, 'running', {
    epoch: answer.epoch,
    started_at: job.started_at ?? new Date(),
    waiting_for: null,
  });
  await tx.query(
    `INSERT INTO jobs.claims (job_id, epoch, worker_id, delivery_id, dispatch_no, claim_answer)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [
      job.id,
      answer.epoch,
      request.worker_id,
      request.delivery_id,
      request.dispatch_no,
      JSON.stringify(answer),
    ],
  );
  if (changesEnvironment(job.type) && environment.status !== 'deleting') {
    await moveEnvironment(tx, environment, environment.published_revision === null ? 'creating' : 'updating');
  }
  return { claimed: answer };
}

async function refuseOutdated(
  tx: Queryable,
  environment: Environment,
  job: Job,
  expected: number,
): Promise<LedgerError> {
  const message = `The change was asked for at revision ${expected}, but the environment is at ${environment.revision ?? 'none'} now.`;
  await endJob(tx, job, 'failed', { error: { code: 'outdated', family: 'user', message, extract: null } });
  await settleAfterFailure(tx, environment, job, { code: 'outdated', message });
  return new LedgerError('delivery_superseded', message);
}

async function writeWorkOrder(
  tx: Queryable,
  environment: Environment,
  job: Job,
  limits: JobLimits,
): Promise<WorkOrder> {
  const publishOnly = job.committed_at !== null;
  const base =
    environment.revision === null
      ? undefined
      : await firstRow<Revision>(
          tx,
          'SELECT * FROM environments.revisions WHERE environment_id = $1 AND number = $2',
          [environment.id, environment.revision],
        );
  return {
    job_id: job.id,
    type: job.type,
    arguments: job.arguments,
    environment_id: environment.id,
    environment_name: environment.name,
    package_manager: environment.package_manager,
    python: environment.python,
    channels: environment.channels,
    platforms: environment.platforms,
    base_revision: base?.number ?? null,
    manifest: base?.manifest ?? null,
    lockfile: base?.lockfile ?? null,
    pool: SHARED_POOL,
    limits,
    index_credentials: [],
    phase: publishOnly ? 'publish_only' : 'run',
    artifact_path:
      publishOnly && job.committed_revision !== null
        ? await revisionPath(tx, environment.id, job.committed_revision, job.worker_id!)
        : null,
    revision: job.committed_revision,
  };
}

/** The tree of a revision, relative to the root of the store that this worker has. */
export async function revisionPath(
  tx: Queryable,
  environmentId: string,
  revision: number,
  workerId: string,
): Promise<string | null> {
  const copy = await firstRow<Pick<ArtifactCopy, 'path'>>(
    tx,
    `SELECT c.path FROM environments.revisions r
     JOIN environments.artifact_copies c ON c.artifact_id = r.artifact_id
     JOIN jobs.workers w ON w.id = $3 AND w.store_id = c.store_id
     WHERE r.environment_id = $1 AND r.number = $2`,
    [environmentId, revision, workerId],
  );
  return copy?.path ?? null;
}

/**
 * Locks the job of a report and proves that its epoch is the current one.
 * @throws LedgerError stale_epoch when another claim, or the end of this one, came first.
 */
export async function lockEpoch(
  tx: Queryable,
  jobId: string,
  epoch: number,
  workerId: string,
): Promise<{ environment: Environment; job: Job; claim: Claim }> {
  const { environment, job } = await lockJob(tx, jobId);
  const claim = await firstRow<Claim>(tx, 'SELECT * FROM jobs.claims WHERE job_id = $1 AND epoch = $2', [
    jobId,
    epoch,
  ]);
  if (!claim || claim.worker_id !== workerId) throw staleEpoch();
  return { environment, job, claim };
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

/**
 * Reserves the artifact of a digest for an epoch: one that is ready in the worker's store, or a new path to
 * build it at. Collection respects the reservation. The same epoch and digest get the same answer again.
 * @throws LedgerError stale_epoch
 */
export async function reserveArtifact(
  tx: Queryable,
  jobId: string,
  epoch: number,
  workerId: string,
  digest: string,
): Promise<ArtifactAnswer> {
  const { environment, job, claim } = await lockEpoch(tx, jobId, epoch, workerId);
  if (!isCurrent(job, claim) || job.committed_at !== null) throw staleEpoch();
  const reserved = await reservedBy(tx, jobId, epoch, digest);
  if (reserved) return reserved;
  const pool = claim.claim_answer.work_order.pool;
  const ready = await firstRow<{ artifact_id: string; path: string }>(
    tx,
    `SELECT a.id AS artifact_id, c.path FROM environments.artifacts a
     JOIN environments.artifact_copies c ON c.artifact_id = a.id AND c.state = 'ready'
     JOIN jobs.workers w ON w.id = $3 AND w.store_id = c.store_id
     WHERE a.pool = $1 AND a.digest = $2 AND a.state = 'ready' FOR UPDATE OF a`,
    [pool, digest, workerId],
  );
  const answer: ArtifactAnswer = ready
    ? { state: 'reuse', ...ready }
    : { state: 'build', ...(await insertArtifact(tx, environment, pool, digest, workerId)) };
  await tx.query(
    `INSERT INTO environments.artifact_refs (artifact_id, kind, holder_id, number) VALUES ($1, 'job', $2, $3)`,
    [answer.artifact_id, jobId, epoch],
  );
  return answer;
}

async function reservedBy(
  tx: Queryable,
  jobId: string,
  epoch: number,
  digest: string,
): Promise<ArtifactAnswer | undefined> {
  const held = await firstRow<{ artifact_id: string; path: string; state: string }>(
    tx,
    `SELECT a.id AS artifact_id, c.path, a.state FROM environments.artifact_refs f
     JOIN environments.artifacts a ON a.id = f.artifact_id
     JOIN environments.artifact_copies c ON c.artifact_id = a.id
     WHERE f.kind = 'job' AND f.holder_id = $1 AND f.number = $2 AND a.digest = $3 LIMIT 1`,
    [jobId, epoch, digest],
  );
  if (!held) return undefined;
  return {
    state: held.state === 'ready' ? 'reuse' : 'build',
    artifact_id: held.artifact_id,
    path: held.path,
  };
}

async function insertArtifact(
  tx: Queryable,
  environment: Environment,
  pool: string,
  digest: string,
  workerId: string,
): Promise<{ artifact_id: string; path: string }> {
  const id = uuidv7();
  // The last digits of a UUIDv7 are random: two builds of one digest never get the same folder.
  const buildId = id.slice(-12);
  const path = `pools/${pool}/store/${environment.package_manager}-${digest.slice(0, 16)}-${buildId}`;
  await rows<Artifact>(
    tx,
    `INSERT INTO environments.artifacts (id, pool, digest, package_manager, build_id) VALUES ($1, $2, $3, $4, $5)`,
    [id, pool, digest, environment.package_manager, buildId],
  );
  await tx.query(
    `INSERT INTO environments.artifact_copies (artifact_id, store_id, store_root, path)
     SELECT $1, store_id, store_root, $3 FROM jobs.workers WHERE id = $2`,
    [id, workerId, path],
  );
  return { artifact_id: id, path };
}
