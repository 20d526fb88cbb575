/** What every move leaves behind besides the row itself: an event, a wake-up, an audit entry. */
import { EVENTS_CHANNEL, JOBS_CHANNEL } from '@darb/models';
import type { Environment, Job } from '@darb/models/entities';
import { v7 as uuidv7 } from 'uuid';
import { LedgerError } from './errors.js';
import { ENVIRONMENT_VIEW, toEnvironmentObject, toJobObject } from './objects.js';
import type { EnvironmentObject, EnvironmentViewRow } from './objects.js';
import { firstRow, rows } from './sql.js';
import type { Queryable } from './sql.js';

export interface AuditEntry {
  /** Null when Darb itself acts. */
  actorId: string | null;
  organizationId: string | null;
  /** noun.verb */
  action: string;
  resourceType: string;
  resourceId: string;
  outcome: 'requested' | 'succeeded' | 'failed' | 'cancelled';
  address?: string | null;
  before?: unknown;
  after?: unknown;
}

export async function recordAudit(tx: Queryable, entry: AuditEntry): Promise<void> {
  await tx.query(
    `INSERT INTO auth.audit_events
       (id, actor_id, organization_id, action, resource_type, resource_id, outcome, address, before, after)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      uuidv7(),
      entry.actorId,
      entry.organizationId,
      entry.action,
      entry.resourceType,
      entry.resourceId,
      entry.outcome,
      entry.address ?? null,
      json(entry.before),
      json(entry.after),
    ],
  );
}

export async function recordJobEvent(tx: Queryable, job: Job): Promise<void> {
  await recordEvent(tx, 'job', job.id, job.environment_id, job.organization_id, toJobObject(job));
}

/** Records the environment as the API shows it now, and answers that object. */
export async function recordEnvironmentEvent(
  tx: Queryable,
  environmentId: string,
): Promise<EnvironmentObject> {
  const row = await firstRow<EnvironmentViewRow>(tx, `${ENVIRONMENT_VIEW} WHERE e.id = $1`, [environmentId]);
  if (!row) throw new LedgerError('environment_not_found', 'There is no such environment.');
  const object = toEnvironmentObject(row);
  await recordEvent(tx, 'environment', row.id, row.id, row.organization_id, object);
  return object;
}

async function recordEvent(
  tx: Queryable,
  type: 'job' | 'environment',
  resourceId: string,
  environmentId: string,
  organizationId: string,
  data: object,
): Promise<void> {
  // Postgres folds equal notifications of one transaction into one; asked for here, it costs no round trip.
  await tx.query(
    `INSERT INTO jobs.events (type, resource_id, environment_id, organization_id, data)
     VALUES ($1, $2, $3, $4, $5)
     RETURNING pg_notify('${EVENTS_CHANNEL}', '')`,
    [type, resourceId, environmentId, organizationId, JSON.stringify(data)],
  );
}

/** The events of many jobs at once, in their order. */
export async function recordJobEvents(tx: Queryable, jobs: readonly Job[]): Promise<void> {
  if (jobs.length === 0) return;
  await tx.query(
    `INSERT INTO jobs.events (type, resource_id, environment_id, organization_id, data)
     SELECT 'job', job.id, job.environment_id, job.organization_id, job.data
     FROM jsonb_to_recordset($1) AS job (id uuid, environment_id uuid, organization_id uuid, data jsonb)
     RETURNING pg_notify('${EVENTS_CHANNEL}', '')`,
    [
      JSON.stringify(
        jobs.map((job) => ({
          id: job.id,
          environment_id: job.environment_id,
          organization_id: job.organization_id,
          data: toJobObject(job),
        })),
      ),
    ],
  );
}

/** Wakes the dispatchers when this transaction commits. */
export async function wakeDispatch(tx: Queryable): Promise<void> {
  await tx.query(`NOTIFY ${JOBS_CHANNEL}`);
}

/**
 * Locks an environment, then one of its jobs: always in this order, so that no two moves deadlock.
 * @throws LedgerError job_not_found
 */
export async function lockJob(tx: Queryable, jobId: string): Promise<{ environment: Environment; job: Job }> {
  const environment = await firstRow<Environment>(
    tx,
    `SELECT e.* FROM environments.environments e
     WHERE e.id = (SELECT environment_id FROM jobs.jobs WHERE id = $1) FOR UPDATE`,
    [jobId],
  );
  const job =
    environment && (await firstRow<Job>(tx, 'SELECT * FROM jobs.jobs WHERE id = $1 FOR UPDATE', [jobId]));
  if (!environment || !job) throw new LedgerError('job_not_found', 'There is no such job.');
  return { environment, job };
}

export async function lockEnvironment(tx: Queryable, environmentId: string): Promise<Environment> {
  const [environment] = await rows<Environment>(
    tx,
    'SELECT * FROM environments.environments WHERE id = $1 AND deleted_at IS NULL FOR UPDATE',
    [environmentId],
  );
  if (!environment) throw new LedgerError('environment_not_found', 'There is no such environment.');
  return environment;
}

export function json(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}
