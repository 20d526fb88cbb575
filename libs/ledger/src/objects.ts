/** The API objects of jobs and environments: built here only, so that answers and events never differ. */
import type { Environment, Job } from '@darb/models/entities';
import type {
  JobError,
  JobProgress,
  JobStatus,
  JobType,
  EnvironmentStatus,
  PackageManagerType,
} from '@darb/models';

export interface JobObject {
  id: string;
  type: JobType;
  status: JobStatus;
  environment_id: string;
  requested_by: string;
  packages: string[];
  priority: number;
  attempt: number;
  max_attempts: number;
  progress: JobProgress | null;
  error: JobError | null;
  result: Record<string, unknown> | null;
  waiting_for: string | null;
  cancel_requested_at: string | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
}

export interface EnvironmentObject {
  id: string;
  name: string;
  description: string;
  labels: Record<string, string>;
  organization_id: string;
  owner_id: string;
  package_manager: PackageManagerType;
  python: string | null;
  channels: string[];
  platforms: string[];
  status: EnvironmentStatus;
  revision: number | null;
  package_count: number | null;
  size_bytes: number | null;
  active_job_id: string | null;
  last_error: { code: string; message: string } | null;
  path: string | null;
  created_at: string;
  updated_at: string;
}

/** A row of ENVIRONMENT_VIEW. bigint columns arrive as text. */
export interface EnvironmentViewRow extends Omit<Environment, 'last_seq'> {
  python_version: string | null;
  package_count: number | null;
  size_bytes: string | null;
  active_job_id: string | null;
  path: string | null;
}

/**
 * Environments `e` with what the API adds to them; append WHERE and ORDER BY.
 * The path is the resolved tree of the newest revision: a process started there keeps its files.
 */
export const ENVIRONMENT_VIEW = `
  SELECT e.*, r.size_bytes, r.package_count, r.python_version, copy.path, active.id AS active_job_id
  FROM environments.environments e
  LEFT JOIN environments.revisions r ON r.environment_id = e.id AND r.number = e.revision
  LEFT JOIN LATERAL (
    SELECT c.store_root || '/' || c.path AS path FROM environments.artifact_copies c
    WHERE c.artifact_id = r.artifact_id AND c.state = 'ready' ORDER BY c.store_id LIMIT 1
  ) copy ON true
  LEFT JOIN LATERAL (
    SELECT j.id FROM jobs.jobs j
    WHERE j.environment_id = e.id AND j.status IN ('pending', 'running') AND j.environment_seq IS NOT NULL
    ORDER BY j.environment_seq LIMIT 1
  ) active ON true`;

export function toEnvironmentObject(row: EnvironmentViewRow): EnvironmentObject {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    labels: row.labels,
    organization_id: row.organization_id,
    owner_id: row.owner_id,
    package_manager: row.package_manager,
    python: row.python_version ?? row.python,
    channels: row.channels,
    platforms: row.platforms,
    status: row.status,
    revision: row.revision,
    package_count: row.package_count,
    size_bytes: row.size_bytes === null ? null : Number(row.size_bytes),
    active_job_id: row.active_job_id,
    last_error: row.last_error,
    path: row.path,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}

export function toJobObject(row: Job): JobObject {
  return {
    id: row.id,
    type: row.type,
    status: row.status,
    environment_id: row.environment_id,
    requested_by: row.requested_by,
    packages: [...(row.arguments.packages ?? []), ...(row.arguments.pypi_packages ?? [])],
    priority: row.priority,
    attempt: row.attempts_used + 1,
    max_attempts: row.max_attempts,
    progress: row.progress,
    error: row.error,
    result: row.result,
    waiting_for: row.waiting_for,
    cancel_requested_at: time(row.cancel_requested_at),
    created_at: row.created_at.toISOString(),
    started_at: time(row.started_at),
    finished_at: time(row.finished_at),
  };
}

function time(value: Date | null): string | null {
  return value?.toISOString() ?? null;
}
