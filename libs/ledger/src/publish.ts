import type { PublishedAnswer } from '@darb/models';
import type { Environment, Job } from '@darb/models/entities';
import { isCurrent, lockEpoch, revisionPath, staleEpoch } from './claim.js';
import { LedgerError } from './errors.js';
import {
  dropReservation,
  endClaim,
  endJob,
  moveEnvironment,
  requeueJob,
  settleAfterRequeue,
} from './moves.js';
import { recordAudit, recordEnvironmentEvent, wakeDispatch } from './records.js';
import { firstRow } from './sql.js';
import type { Queryable } from './sql.js';

/**
 * The worker switched `current` (or removed the folder of a deleted environment): the job is completed.
 * Asked again, it answers the same.
 * @throws LedgerError stale_epoch, with `highest` in `extra`, so that a late worker can put `current` right |
 *   not_committed when finish was never called.
 */
export async function publishedJob(
  tx: Queryable,
  jobId: string,
  epoch: number,
  workerId: string,
): Promise<PublishedAnswer> {
  const { environment, job, claim } = await lockEpoch(tx, jobId, epoch, workerId);
  if (claim.end_reason === 'published') {
    return { status: 'completed', highest: await highestPublished(tx, environment.id, workerId) };
  }
  if (!isCurrent(job, claim)) {
    throw staleEpoch({ highest: await highestPublished(tx, environment.id, workerId) });
  }
  if (job.committed_at === null) {
    throw new LedgerError('not_committed', 'The job has not finished yet: call finish first.');
  }
  await endJob(tx, job, 'completed', {
    result: job.committed_revision === null ? null : { revision: job.committed_revision },
  });
  await endClaim(tx, job, epoch, 'published');
  await dropReservation(tx, job, epoch);
  if (job.type === 'delete') await settleDeleted(tx, environment, job);
  else await settlePublished(tx, environment, job);
  await wakeDispatch(tx);
  return { status: 'completed', highest: await highestPublished(tx, environment.id, workerId) };
}

async function settlePublished(tx: Queryable, environment: Environment, job: Job): Promise<void> {
  if (job.committed_revision !== null) {
    await tx.query(
      `UPDATE environments.revisions SET published_at = coalesce(published_at, now())
       WHERE environment_id = $1 AND number = $2`,
      [environment.id, job.committed_revision],
    );
    await tx.query(
      `UPDATE environments.environments SET published_revision = greatest(coalesce(published_revision, 0), $2)
       WHERE id = $1`,
      [environment.id, job.committed_revision],
    );
  }
  if (environment.status === 'deleting') await recordEnvironmentEvent(tx, environment.id);
  else await moveEnvironment(tx, environment, 'ready');
}

async function settleDeleted(tx: Queryable, environment: Environment, job: Job): Promise<void> {
  await tx.query(`DELETE FROM environments.artifact_refs WHERE kind = 'revision' AND holder_id = $1`, [
    environment.id,
  ]);
  await moveEnvironment(tx, environment, 'deleted', { deleted_at: new Date() });
  await recordAudit(tx, {
    actorId: job.requested_by,
    organizationId: job.organization_id,
    action: 'environment.delete',
    resourceType: 'environment',
    resourceId: environment.id,
    outcome: 'succeeded',
    before: { name: environment.name, revision: environment.revision },
  });
}

async function highestPublished(
  tx: Queryable,
  environmentId: string,
  workerId: string,
): Promise<PublishedAnswer['highest']> {
  const environment = await firstRow<Pick<Environment, 'published_revision' | 'deleted_at'>>(
    tx,
    'SELECT published_revision, deleted_at FROM environments.environments WHERE id = $1',
    [environmentId],
  );
  const revision = environment?.deleted_at === null ? environment.published_revision : null;
  if (revision === null || revision === undefined) return null;
  const path = await revisionPath(tx, environmentId, revision, workerId);
  return path === null ? null : { revision, artifact_path: path };
}

/**
 * A worker that stops gives its job back; that costs the job no attempt.
 * @throws LedgerError stale_epoch
 */
export async function releaseJob(
  tx: Queryable,
  jobId: string,
  epoch: number,
  workerId: string,
): Promise<void> {
  const { environment, job, claim } = await lockEpoch(tx, jobId, epoch, workerId);
  if (claim.end_reason === 'released') return;
  if (!isCurrent(job, claim)) throw staleEpoch();
  if (job.committed_at === null) await dropReservation(tx, job, epoch);
  await endClaim(tx, job, epoch, 'released');
  await requeueJob(tx, job);
  await settleAfterRequeue(tx, environment, job);
  await wakeDispatch(tx);
}
