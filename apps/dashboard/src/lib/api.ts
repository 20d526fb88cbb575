/** Every call that pages make, in the API's own words. What comes back is data or an ApiProblem that is thrown. */
import type {
  EnvironmentStatus,
  JobError,
  JobProgress,
  JobStatus,
  JobType,
  PackageManagerType,
  PackageRecord,
} from '@darb/models';
import { bffFetch, problemOf } from './http';

export interface Environment {
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

export interface Job {
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

export type Package = PackageRecord;

export interface Revision {
  number: number;
  current: boolean;
  reason: JobType;
  packages: string[];
  job_id: string;
  package_count: number;
  size_bytes: number | null;
  python_version: string | null;
  tool_version: string | null;
  digest: string;
  path: string | null;
  created_by: string;
  created_at: string;
}

export interface PackageManager {
  type: PackageManagerType;
  available: boolean;
  versions: string[];
  python_versions: string[];
  default: boolean;
  reason: string | null;
}

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface Organization {
  id: string;
  name: string;
  role: string | null;
  personal: boolean;
}

export interface User {
  id: string;
  username: string;
}

export interface EnvironmentFilters {
  q?: string;
}

export interface JobFilters {
  environment_id?: string;
  status?: JobStatus;
  type?: JobType;
}

export interface CreateEnvironment {
  name: string;
  package_manager?: PackageManagerType;
  python?: string;
  packages?: string[];
  description?: string;
  organization?: string;
}

export interface TextFile {
  filename: string;
  text: string;
  revision: number;
}

type Query = Record<string, string | number | undefined>;

async function call<T>(
  method: string,
  path: string,
  options: { query?: Query; body?: unknown; headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<T> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(options.query ?? {})) {
    if (value !== undefined && value !== '') query.set(name, String(value));
  }
  const url = new URL(`/bff/api/v1${path}${query.size > 0 ? `?${query}` : ''}`, window.location.origin);
  const response = await bffFetch(
    new Request(url, {
      method,
      headers: {
        accept: 'application/json',
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      body: options.body === undefined ? null : JSON.stringify(options.body),
      signal: options.signal ?? null,
    }),
  );
  if (!response.ok) throw await problemOf(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

const PAGE = 50;
const id = encodeURIComponent;
const keyed = (key: string) => ({ 'idempotency-key': key });

export const api = {
  listEnvironments: (filters: EnvironmentFilters, cursor: string | null, signal: AbortSignal) =>
    call<Page<Environment>>('GET', '/environments', {
      query: { ...filters, limit: PAGE, cursor: cursor ?? undefined },
      signal,
    }),
  createEnvironment: (body: CreateEnvironment, key: string) =>
    call<Environment & { job: Job }>('POST', '/environments', { body, headers: keyed(key) }),
  environment: (environmentId: string, signal: AbortSignal) =>
    call<Environment>('GET', `/environments/${id(environmentId)}`, { signal }),
  deleteEnvironment: (environmentId: string) => call<Job>('DELETE', `/environments/${id(environmentId)}`),
  updateEnvironment: (environmentId: string, key: string) =>
    call<Job>('POST', `/environments/${id(environmentId)}/update`, { body: {}, headers: keyed(key) }),

  packages: (environmentId: string, cursor: string | null, signal: AbortSignal) =>
    call<Page<Package>>('GET', `/environments/${id(environmentId)}/packages`, {
      query: { limit: 200, cursor: cursor ?? undefined },
      signal,
    }),
  addPackages: (environmentId: string, packages: string[], key: string) =>
    call<Job>('POST', `/environments/${id(environmentId)}/packages`, {
      body: { packages },
      headers: keyed(key),
    }),
  removePackage: (environmentId: string, name: string) =>
    call<Job>('DELETE', `/environments/${id(environmentId)}/packages/${id(name)}`),

  revisions: (environmentId: string, cursor: string | null, signal: AbortSignal) =>
    call<Page<Revision>>('GET', `/environments/${id(environmentId)}/revisions`, {
      query: { limit: PAGE, cursor: cursor ?? undefined },
      signal,
    }),
  manifest: async (environmentId: string, signal: AbortSignal): Promise<TextFile> => {
    const file = await call<{ filename: string; manifest: string; revision: number }>(
      'GET',
      `/environments/${id(environmentId)}/manifest`,
      { signal },
    );
    return { filename: file.filename, text: file.manifest, revision: file.revision };
  },
  lockfile: async (environmentId: string, signal: AbortSignal): Promise<TextFile> => {
    const file = await call<{ filename: string; lockfile: string; revision: number }>(
      'GET',
      `/environments/${id(environmentId)}/lockfile`,
      { signal },
    );
    return { filename: file.filename, text: file.lockfile, revision: file.revision };
  },

  packageManagers: (signal: AbortSignal) =>
    call<Page<PackageManager>>('GET', '/package-managers', { signal }),

  listJobs: (filters: JobFilters, cursor: string | null, signal: AbortSignal) =>
    call<Page<Job>>('GET', '/jobs', {
      query: { ...filters, limit: PAGE, cursor: cursor ?? undefined },
      signal,
    }),
  job: (jobId: string, signal: AbortSignal) => call<Job>('GET', `/jobs/${id(jobId)}`, { signal }),
  cancelJob: (jobId: string) => call<Job>('POST', `/jobs/${id(jobId)}/cancel`),

  organizations: (signal: AbortSignal) =>
    call<Page<Organization>>('GET', '/organizations', { query: { limit: 200 }, signal }),
  users: (signal: AbortSignal) => call<Page<User>>('GET', '/users', { query: { limit: 200 }, signal }),
};

export const EVENTS_URL = '/bff/api/v1/events';

export function logUrl(jobId: string): string {
  return `/bff/api/v1/jobs/${id(jobId)}/logs`;
}
