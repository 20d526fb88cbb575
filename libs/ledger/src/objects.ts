/** The API object of jobs: built here only, so that answers and events never differ. */
import { packagesOf } from '@darb/models';
import type { JobError, JobProgress, JobStatus, JobType, StoredChange, Subject } from '@darb/models';
import type { Job } from '@darb/models/entities';

export interface JobObject {
  id: string;
  type: JobType;
  status: JobStatus;
  subject: Subject;
  /** Null for a job that is not about an environment; so is its name. */
  environment_id: string | null;
  environment_name: string | null;
  requested_by: string | null;
  /** Specs or names as typed, whatever the change. */
  packages: string[];
  change: StoredChange;
  retry_of: string | null;
  priority: number;
  attempt: number;
  max_attempts: number;
  timeout_seconds: number | null;
  progress: JobProgress | null;
  error: JobError | null;
  result: Record<string, unknown> | null;
  waiting_for: string | null;
  cancel_requested_at: string | null;
  cancel_requested_by: string | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
}

export function toJobObject(row: Job): JobObject {
  const isEnvironment = row.subject_type === 'environment';
  return {
    id: row.id,
    type: row.type,
    status: row.status,
    subject: { type: row.subject_type, id: row.subject_id },
    environment_id: isEnvironment ? row.subject_id : null,
    environment_name: isEnvironment ? row.subject_name : null,
    requested_by: row.requested_by,
    packages: packagesOf(row.change),
    change: row.change,
    retry_of: row.retry_of,
    priority: row.priority,
    attempt: row.attempts_used + 1,
    max_attempts: row.max_attempts,
    timeout_seconds: row.timeout_seconds,
    progress: row.progress,
    error: row.error,
    // Written with the commit already, but true only once everything is published.
    result: row.status === 'completed' ? row.result : null,
    waiting_for: row.waiting_for,
    cancel_requested_at: time(row.cancel_requested_at),
    cancel_requested_by: row.cancel_requested_by,
    created_at: row.created_at.toISOString(),
    started_at: time(row.started_at),
    finished_at: time(row.finished_at),
  };
}

export function time(value: Date | null): string | null {
  return value?.toISOString() ?? null;
}
