/** Every call that pages make, over the generated clients. What comes back is data, or an ApiProblem is thrown. */
import {
  createAuthClient,
  createEnvironmentsClient,
  createJobsClient,
  type AuthComponents,
  type EnvironmentsComponents,
  type JobsComponents,
} from '@darb/api-client';
import { toJob, toJobDetail, toJobPage, type Job, type Storage, type Worker } from './answers';
import { bffFetch, problemOf, toProblem } from './http';

export type Environment = EnvironmentsComponents['schemas']['EnvironmentDto'];
export type CreateEnvironment = EnvironmentsComponents['schemas']['CreateEnvironmentBody'];
export type Package = EnvironmentsComponents['schemas']['PackageDto'];
export type Revision = EnvironmentsComponents['schemas']['RevisionDto'];
export type PackageManager = EnvironmentsComponents['schemas']['PackageManagerDto'];
export type { Job, JobAttempt, JobChange, JobDetail, Storage, StoreStorage, Worker } from './answers';
export type Queue = JobsComponents['schemas']['QueueDto'];
export type Organization = AuthComponents['schemas']['OrganizationDto'];
export type User = AuthComponents['schemas']['UserDto'];

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface EnvironmentFilters {
  q?: string;
}

export interface JobFilters {
  environment_id?: string;
  /** Any of these. */
  status?: readonly Job['status'][];
  type?: Job['type'];
  requested_by?: string;
}

/** Specs to run a job again with, in place of its own. */
export interface RetryBody {
  packages?: string[];
  pypi_packages?: string[];
}

export interface TextFile {
  filename: string;
  text: string;
  revision: number;
}

const options = { baseUrl: '/bff', fetch: bffFetch };
const auth = createAuthClient(options);
const environments = createEnvironmentsClient(options);
const jobs = createJobsClient(options);

export const PAGE = 50;
const LARGE_PAGE = 200;

export const api = {
  listEnvironments: (filters: EnvironmentFilters, cursor: string | null, signal: AbortSignal) =>
    data(
      environments.GET('/api/v1/environments', { params: { query: page(cursor, PAGE, filters) }, signal }),
    ),
  createEnvironment: (body: CreateEnvironment, key: string, signal: AbortSignal) =>
    data(environments.POST('/api/v1/environments', { body, headers: keyed(key), signal })),
  environment: (id: string, signal: AbortSignal) =>
    data(environments.GET('/api/v1/environments/{id}', { params: { path: { id } }, signal })),
  deleteEnvironment: (id: string, signal: AbortSignal) =>
    job(environments.DELETE('/api/v1/environments/{id}', { params: { path: { id } }, signal })),
  updateEnvironment: (id: string, key: string, signal: AbortSignal) =>
    job(
      environments.POST('/api/v1/environments/{id}/update', {
        params: { path: { id } },
        body: {},
        headers: keyed(key),
        signal,
      }),
    ),

  packages: (id: string, cursor: string | null, signal: AbortSignal) =>
    data(
      environments.GET('/api/v1/environments/{id}/packages', {
        params: { path: { id }, query: page(cursor, LARGE_PAGE) },
        signal,
      }),
    ),
  addPackages: (id: string, packages: string[], key: string, signal: AbortSignal) =>
    job(
      environments.POST('/api/v1/environments/{id}/packages', {
        params: { path: { id } },
        body: { packages },
        headers: keyed(key),
        signal,
      }),
    ),
  removePackage: (id: string, name: string, signal: AbortSignal) =>
    job(
      environments.DELETE('/api/v1/environments/{id}/packages/{package}', {
        params: { path: { id, package: name } },
        signal,
      }),
    ),

  revisions: (id: string, cursor: string | null, signal: AbortSignal) =>
    data(
      environments.GET('/api/v1/environments/{id}/revisions', {
        params: { path: { id }, query: page(cursor, PAGE) },
        signal,
      }),
    ),
  manifest: async (id: string, signal: AbortSignal): Promise<TextFile> => {
    const { manifest, ...file } = await data(
      environments.GET('/api/v1/environments/{id}/manifest', { params: { path: { id } }, signal }),
    );
    return { ...file, text: manifest };
  },
  lockfile: async (id: string, signal: AbortSignal): Promise<TextFile> => {
    const { lockfile, ...file } = await data(
      environments.GET('/api/v1/environments/{id}/lockfile', { params: { path: { id } }, signal }),
    );
    return { ...file, text: lockfile };
  },

  packageManagers: (signal: AbortSignal) => data(environments.GET('/api/v1/package-managers', { signal })),

  // Whoever looks further than the first page looks far.
  listJobs: (filters: JobFilters, cursor: string | null, signal: AbortSignal) =>
    call('GET', `/jobs?${jobsQuery(filters, cursor === null ? PAGE : LARGE_PAGE, cursor)}`, { signal }).then(
      toJobPage,
    ),
  job: (id: string, signal: AbortSignal) =>
    call('GET', `/jobs/${encodeURIComponent(id)}`, { signal }).then(toJobDetail),
  cancelJob: (id: string, signal: AbortSignal) =>
    call('POST', `/jobs/${encodeURIComponent(id)}/cancel`, { signal }).then(toJob),
  retryJob: (id: string, body: RetryBody, key: string, signal: AbortSignal) =>
    call('POST', `/jobs/${encodeURIComponent(id)}/retry`, { body, key, signal }).then(toJob),

  workers: (signal: AbortSignal) => call<Page<Worker>>('GET', '/workers', { signal }),
  drainWorker: (id: string, drain: boolean, signal: AbortSignal) =>
    call<Worker>('POST', `/workers/${encodeURIComponent(id)}/drain`, { body: { drain }, signal }),
  queue: (signal: AbortSignal) => data(jobs.GET('/api/v1/queue', { signal })),

  storage: (signal: AbortSignal) => call<Storage>('GET', '/storage', { signal }),
  collectStorage: (body: { dry_run: boolean; store_id: string }, key: string, signal: AbortSignal) =>
    call<{ jobs: Job[] }>('POST', '/storage/collect', { body, key, signal }),
  verifyStorage: (body: { store_id: string; repair: boolean }, key: string, signal: AbortSignal) =>
    call<{ jobs: Job[] }>('POST', '/storage/verify', { body, key, signal }),

  changePassword: async (
    currentPassword: string,
    newPassword: string,
    signal: AbortSignal,
  ): Promise<void> => {
    const body = { current_password: currentPassword, new_password: newPassword };
    const { response, error } = await auth.POST('/api/v1/auth/password', { body, signal });
    if (!response.ok) throw toProblem(response, error);
  },
  organizations: (signal: AbortSignal) =>
    data(auth.GET('/api/v1/organizations', { params: { query: page(null, LARGE_PAGE) }, signal })),
  users: (signal: AbortSignal) =>
    data(auth.GET('/api/v1/users', { params: { query: page(null, LARGE_PAGE) }, signal })),
};

/** The query of a list of jobs, the same in the browser and for the first paint. */
export function jobsQuery(filters: JobFilters, limit: number, cursor: string | null = null): URLSearchParams {
  const { status, ...rest } = filters;
  return new URLSearchParams({
    ...rest,
    ...(status && status.length > 0 ? { status: status.join(',') } : {}),
    limit: String(limit),
    ...(cursor === null ? {} : { cursor }),
  });
}

/** The one event stream of a tab; `?job=` adds that job's log. */
export const EVENTS_URL = '/bff/api/v1/events';

/** The raw log, escapes included. */
export function logUrl(jobId: string): string {
  return `/bff/api/v1/jobs/${encodeURIComponent(jobId)}/logs`;
}

/** The same as a file to be saved. */
export function logDownloadUrl(jobId: string, compress?: 'gzip'): string {
  return `${logUrl(jobId)}?download=true${compress ? `&compress=${compress}` : ''}`;
}

interface CallOptions {
  body?: unknown;
  key?: string;
  signal: AbortSignal;
}

/** A route that the generated clients do not have yet. */
async function call<T = unknown>(
  method: string,
  path: string,
  { body, key, signal }: CallOptions,
): Promise<T> {
  const response = await bffFetch(
    new Request(new URL(`/bff/api/v1${path}`, window.location.origin), {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : keyed(key)),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal,
    }),
  );
  if (!response.ok) throw await problemOf(response);
  return (await response.json()) as T;
}

/** A job as every service answers it. */
async function job(answer: Promise<Answer<unknown>>): Promise<Job> {
  return toJob(await data(answer));
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

async function data<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { data: body, error, response } = await answer;
  if (!response.ok || body === undefined) throw toProblem(response, error);
  return body;
}

function page<F extends object>(cursor: string | null, limit: number, filters?: F) {
  return { ...filters, limit, ...(cursor === null ? {} : { cursor }) } as F & {
    limit: number;
    cursor?: string;
  };
}

function keyed(key: string): { 'idempotency-key': string } {
  return { 'idempotency-key': key };
}
