/**
 * Answers of routes that are being built, written by hand until the generated clients have them; then this file goes.
 */
import type { EnvironmentsComponents, JobsComponents } from '@darb/api-client';

type GeneratedJob = JobsComponents['schemas']['JobDto'];
type GeneratedWorker = JobsComponents['schemas']['WorkerDto'];

export interface JobChange {
  type: string;
  packages?: string[] | null;
  pypi_packages?: string[];
  revision?: number;
  dry_run?: boolean;
}

export interface Job extends Omit<GeneratedJob, 'environment_id' | 'requested_by' | 'type'> {
  type: GeneratedJob['type'] | 'clone' | 'repair';
  subject: { type: 'environment' | 'store'; id: string };
  environment_id: string | null;
  environment_name: string | null;
  requested_by: string | null;
  /** Null from a service that cannot repeat jobs yet. */
  change: JobChange | null;
  retry_of: string | null;
  cancel_requested_by: string | null;
  timeout_seconds: number | null;
}

export interface JobAttempt {
  number: number;
  worker: string | null;
  started_at: string;
  ended_at: string | null;
  outcome: 'completed' | 'failed' | 'cancelled' | 'retry' | 'released' | 'lost' | null;
  timings: Partial<Record<'solve' | 'install' | 'verify' | 'publish', number>> | null;
  deadline_at: string | null;
}

export interface JobDetail extends Job {
  requested_by_name: string | null;
  cancel_requested_by_name: string | null;
  waiting_for_job_id: string | null;
  attempts: JobAttempt[];
}

/** A job as a service sends it, today's or the coming one's, with everything that pages ask of it. */
export function toJob(sent: unknown): Job {
  const job = sent as Job;
  return {
    ...job,
    subject: job.subject ?? { type: 'environment', id: job.environment_id },
    environment_id: job.environment_id ?? null,
    environment_name: job.environment_name ?? null,
    change: job.change ?? null,
    retry_of: job.retry_of ?? null,
    cancel_requested_by: job.cancel_requested_by ?? null,
    timeout_seconds: job.timeout_seconds ?? null,
  };
}

export function toJobDetail(sent: unknown): JobDetail {
  const job = sent as JobDetail;
  return {
    ...toJob(job),
    requested_by_name: job.requested_by_name ?? null,
    cancel_requested_by_name: job.cancel_requested_by_name ?? null,
    waiting_for_job_id: job.waiting_for_job_id ?? null,
    attempts: job.attempts ?? [],
  };
}

export function toJobPage(sent: unknown): { items: Job[]; next_cursor: string | null } {
  const page = sent as { items: unknown[]; next_cursor: string | null };
  return { ...page, items: page.items.map(toJob) };
}

export interface Worker extends GeneratedWorker {
  store?: { id: string; root: string; free_bytes: number | null; total_bytes: number | null };
  drain_requested?: boolean;
}

export type Queue = JobsComponents['schemas']['QueueDto'];

export interface StoreStorage {
  id: string;
  root: string;
  free_bytes: number | null;
  total_bytes: number | null;
  live_workers: number;
  trees: { count: number; bytes: number };
  damaged: { count: number; bytes: number };
  collectable: { count: number; bytes: number };
  last_collection: { job_id: string; finished_at: string; result: Record<string, unknown> | null } | null;
  verified_at: string | null;
}

export interface Storage {
  stores: StoreStorage[];
  retention: Record<string, number>;
}

export type Environment = EnvironmentsComponents['schemas']['EnvironmentDto'];
