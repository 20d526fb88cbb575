/** What services answer, narrowed where the generated types say less than pages need. */
import type { EnvironmentsComponents, JobsComponents } from '@darb/api-client';

type GeneratedJob = JobsComponents['schemas']['JobDto'];
type GeneratedDetail = JobsComponents['schemas']['JobDetailDto'];

export interface JobChange {
  type: string;
  packages?: string[] | null;
  pypi_packages?: string[];
  revision?: number;
  dry_run?: boolean;
}

export type Job = Omit<GeneratedJob, 'change'> & { change: JobChange };
export type JobAttempt = JobsComponents['schemas']['AttemptDto'];
export type JobDetail = Job &
  Pick<GeneratedDetail, 'requested_by_name' | 'cancel_requested_by_name' | 'waiting_for_job_id' | 'attempts'>;
export type Worker = JobsComponents['schemas']['WorkerDto'];
export type Queue = JobsComponents['schemas']['QueueDto'];
export type StoreStorage = EnvironmentsComponents['schemas']['StoreDto'];
export type Storage = EnvironmentsComponents['schemas']['StorageDto'];
export type Environment = EnvironmentsComponents['schemas']['EnvironmentDto'];

/** A job as a service or an event sends it. */
export function toJob(sent: unknown): Job {
  return sent as Job;
}

export function toJobDetail(sent: unknown): JobDetail {
  return sent as JobDetail;
}

export function toJobPage(sent: unknown): { items: Job[]; next_cursor: string | null } {
  return sent as { items: Job[]; next_cursor: string | null };
}
