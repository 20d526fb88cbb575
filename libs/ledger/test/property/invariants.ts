/** What must hold after every transaction, read from the rows alone. */
import { ENVIRONMENT_TRANSITIONS, environmentStatus, isTerminal, mayMove } from '@darb/models';
import type { EnvironmentStatus, JobStatus } from '@darb/models';
import type { Environment } from '@darb/models/entities';
import { expect } from 'vitest';
import { factsOf } from '../../src/environment/view.js';
import type { LedgerFixture } from '../fixture.js';
import type { Model } from './world.js';

/** Each statement finds what must not be. */
const FORBIDDEN: Record<string, string> = {
  'two running jobs in one lane': `
    SELECT lane FROM jobs.jobs WHERE status = 'running' AND lane IS NOT NULL GROUP BY lane HAVING count(*) > 1`,
  'a job that started before an earlier one of its lane had ended': `
    SELECT b.id FROM jobs.jobs a JOIN jobs.jobs b ON b.lane = a.lane AND b.lane_seq > a.lane_seq
    WHERE a.status IN ('pending', 'running') AND b.epoch > 0`,
  'an ended claim without a reason, or a reason without an end': `
    SELECT job_id, epoch FROM jobs.claims WHERE (ended_at IS NULL) <> (end_reason IS NULL)`,
  'a running job without its one open claim': `
    SELECT j.id FROM jobs.jobs j WHERE j.status = 'running' AND NOT EXISTS (
      SELECT 1 FROM jobs.claims c WHERE c.job_id = j.id AND c.epoch = j.epoch AND c.ended_at IS NULL
        AND c.worker_id = j.worker_id)`,
  'an open claim of a job that does not run it': `
    SELECT c.job_id, c.epoch FROM jobs.claims c JOIN jobs.jobs j ON j.id = c.job_id
    WHERE c.ended_at IS NULL AND (j.status <> 'running' OR j.epoch <> c.epoch)`,
  'a running job without a deadline': `
    SELECT id FROM jobs.jobs WHERE (status = 'running') <> (deadline_at IS NOT NULL)`,
  'a waiting job that somebody asked to cancel': `
    SELECT id FROM jobs.jobs WHERE status = 'pending' AND cancel_requested_at IS NOT NULL`,
  'an ended job that holds a worker, or has no end, or no error': `
    SELECT id FROM jobs.jobs WHERE status IN ('completed', 'failed', 'cancelled')
      AND (worker_id IS NOT NULL OR finished_at IS NULL OR (error IS NULL) <> (status = 'completed'))`,
  'a reservation of an epoch that is over': `
    SELECT f.holder_id FROM environments.artifact_refs f WHERE f.kind = 'job' AND NOT EXISTS (
      SELECT 1 FROM jobs.claims c WHERE c.job_id = f.holder_id AND c.epoch = f.number AND c.ended_at IS NULL)`,
  'a reserved copy that is being removed': `
    SELECT c.id FROM environments.artifact_refs f JOIN environments.artifact_copies c ON c.id = f.copy_id
    WHERE c.state IN ('deleting', 'deleted')`,
  'two ready copies of an artifact in one store': `
    SELECT artifact_id FROM environments.artifact_copies WHERE state = 'ready'
    GROUP BY artifact_id, store_id HAVING count(*) > 1`,
  'a published revision whose tree was given up': `
    SELECT e.id FROM environments.environments e
    JOIN environments.revisions r ON r.environment_id = e.id AND r.number = e.published_revision
    WHERE e.deleted_at IS NULL AND NOT EXISTS (
      SELECT 1 FROM environments.artifact_copies c
      WHERE c.artifact_id = r.artifact_id AND c.store_id = e.store_id AND c.state IN ('ready', 'damaged'))`,
  'a revision without its reference': `
    SELECT r.environment_id FROM environments.revisions r JOIN environments.environments e ON e.id = r.environment_id
    WHERE e.deleted_at IS NULL AND NOT EXISTS (
      SELECT 1 FROM environments.artifact_refs f
      WHERE f.kind = 'revision' AND f.holder_id = e.id AND f.number = r.number AND f.artifact_id = r.artifact_id)`,
  'an environment that counts its revisions wrongly': `
    SELECT e.id FROM environments.environments e WHERE e.revision IS DISTINCT FROM (
        SELECT max(number) FROM environments.revisions r WHERE r.environment_id = e.id)
      OR e.published_revision IS DISTINCT FROM (
        SELECT max(number) FROM environments.revisions r WHERE r.environment_id = e.id AND published_at IS NOT NULL)`,
  'a request without its audit entry': `
    SELECT j.id FROM jobs.jobs j WHERE 1 <> (
      SELECT count(*) FROM auth.audit_events a WHERE a.outcome = 'requested' AND a.after->>'job_id' = j.id::text)`,
  'a job whose last event says something else': `
    SELECT j.id FROM jobs.jobs j WHERE j.status IS DISTINCT FROM (
      SELECT data->>'status' FROM jobs.events e WHERE e.type = 'job' AND e.resource_id = j.id ORDER BY e.id DESC LIMIT 1)`,
};

const ALL_FORBIDDEN = Object.entries(FORBIDDEN)
  .map(([name, sql]) => `SELECT '${name}' AS broken FROM (${sql}) AS found`)
  .join(' UNION ALL ');

export async function checkInvariants(fixture: LedgerFixture, model: Model): Promise<void> {
  const broken = await fixture.query<{ broken: string }>(ALL_FORBIDDEN);
  expect(broken.map((row) => row.broken)).toEqual([]);
  await checkEnvironments(fixture, model);
  await checkEnded(fixture, model);
}

/** Statuses follow from the rows; what was said to be published stays so. */
async function checkEnvironments(fixture: LedgerFixture, model: Model): Promise<void> {
  const environments = await fixture.query<Environment & { is_deleting: boolean; is_changing: boolean }>(
    `SELECT e.*, coalesce(bool_or(j.type = 'delete'), false) AS is_deleting,
       coalesce(bool_or(j.type <> 'delete' AND j.status = 'running'), false) AS is_changing
     FROM environments.environments e
     LEFT JOIN jobs.jobs j ON j.lane = 'environment:' || e.id AND j.status IN ('pending', 'running')
     GROUP BY e.id`,
  );
  for (const environment of environments) {
    expect(environment.status).toBe(environmentStatus(factsOf(environment, environment)));
    expect(environment.published_revision).toBe(model.published.get(environment.id) ?? null);
  }
}

/** Terminal is terminal. */
async function checkEnded(fixture: LedgerFixture, model: Model): Promise<void> {
  const jobs = await fixture.query<{ id: string; status: JobStatus; verdict: string }>(
    `SELECT id, status, concat_ws(' ', status, finished_at, error->>'code', result::text, epoch) AS verdict
     FROM jobs.jobs`,
  );
  for (const { id, status, verdict } of jobs) {
    const earlier = model.ended.get(id);
    if (earlier !== undefined) expect(verdict).toBe(earlier);
    if (isTerminal(status)) model.ended.set(id, verdict);
  }
}

/** Every move that people were told of is in the table. Once, when a world ends. */
export async function checkHistory(fixture: LedgerFixture): Promise<void> {
  const moves = await fixture.query<{ from: EnvironmentStatus | null; to: EnvironmentStatus }>(
    `SELECT lag(data->>'status') OVER (PARTITION BY resource_id ORDER BY id) AS from, data->>'status' AS to
     FROM jobs.events WHERE type = 'environment'`,
  );
  const forbidden = moves.filter(
    ({ from, to }) => from !== null && !mayMove(ENVIRONMENT_TRANSITIONS, from, to),
  );
  expect(forbidden).toEqual([]);
}
