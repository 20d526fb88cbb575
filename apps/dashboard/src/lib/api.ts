/** Every call that pages make, over the generated clients. What comes back is data, or an ApiProblem is thrown. */
import {
  createAuthClient,
  createEnvironmentsClient,
  createJobsClient,
  type AuthComponents,
  type EnvironmentsComponents,
  type JobsComponents,
} from '@darb/api-client';
import { bffFetch, toProblem } from './http';

export type Environment = EnvironmentsComponents['schemas']['EnvironmentDto'];
export type CreateEnvironment = EnvironmentsComponents['schemas']['CreateEnvironmentBody'];
export type Package = EnvironmentsComponents['schemas']['PackageDto'];
export type Revision = EnvironmentsComponents['schemas']['RevisionDto'];
export type PackageManager = EnvironmentsComponents['schemas']['PackageManagerDto'];
export type Job = JobsComponents['schemas']['JobDto'];
export type Organization = AuthComponents['schemas']['OrganizationDto'];
export type User = AuthComponents['schemas']['UserDto'];

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface EnvironmentFilters {
  q?: string;
}

export type JobFilters = Partial<Pick<Job, 'environment_id' | 'status' | 'type'>>;

export interface TextFile {
  filename: string;
  text: string;
  revision: number;
}

const options = { baseUrl: '/bff', fetch: bffFetch };
const auth = createAuthClient(options);
const environments = createEnvironmentsClient(options);
const jobs = createJobsClient(options);

const PAGE = 50;
const LARGE_PAGE = 200;

export const api = {
  listEnvironments: (filters: EnvironmentFilters, cursor: string | null, signal: AbortSignal) =>
    data(
      environments.GET('/api/v1/environments', { params: { query: page(cursor, PAGE, filters) }, signal }),
    ),
  createEnvironment: (body: CreateEnvironment, key: string) =>
    data(environments.POST('/api/v1/environments', { body, headers: keyed(key) })),
  environment: (id: string, signal: AbortSignal) =>
    data(environments.GET('/api/v1/environments/{id}', { params: { path: { id } }, signal })),
  deleteEnvironment: (id: string) =>
    data(environments.DELETE('/api/v1/environments/{id}', { params: { path: { id } } })),
  updateEnvironment: (id: string, key: string) =>
    data(
      environments.POST('/api/v1/environments/{id}/update', {
        params: { path: { id } },
        body: {},
        headers: keyed(key),
      }),
    ),

  packages: (id: string, cursor: string | null, signal: AbortSignal) =>
    data(
      environments.GET('/api/v1/environments/{id}/packages', {
        params: { path: { id }, query: page(cursor, LARGE_PAGE) },
        signal,
      }),
    ),
  addPackages: (id: string, packages: string[], key: string) =>
    data(
      environments.POST('/api/v1/environments/{id}/packages', {
        params: { path: { id } },
        body: { packages },
        headers: keyed(key),
      }),
    ),
  removePackage: (id: string, name: string) =>
    data(
      environments.DELETE('/api/v1/environments/{id}/packages/{package}', {
        params: { path: { id, package: name } },
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

  listJobs: (filters: JobFilters, cursor: string | null, signal: AbortSignal) =>
    data(jobs.GET('/api/v1/jobs', { params: { query: page(cursor, PAGE, filters) }, signal })),
  job: (id: string, signal: AbortSignal) =>
    data(jobs.GET('/api/v1/jobs/{id}', { params: { path: { id } }, signal })),
  cancelJob: (id: string) => data(jobs.POST('/api/v1/jobs/{id}/cancel', { params: { path: { id } } })),

  changePassword: async (currentPassword: string, newPassword: string): Promise<void> => {
    const body = { current_password: currentPassword, new_password: newPassword };
    const { response, error } = await auth.POST('/api/v1/auth/password', { body });
    if (!response.ok) throw toProblem(response, error);
  },
  organizations: (signal: AbortSignal) =>
    data(auth.GET('/api/v1/organizations', { params: { query: page(null, LARGE_PAGE) }, signal })),
  users: (signal: AbortSignal) =>
    data(auth.GET('/api/v1/users', { params: { query: page(null, LARGE_PAGE) }, signal })),
};

/** The one event stream of a tab; `?job=` adds that job's log. */
export const EVENTS_URL = '/bff/api/v1/events';

/** The raw log, escapes included. */
export function logUrl(jobId: string): string {
  return `/bff/api/v1/jobs/${encodeURIComponent(jobId)}/logs`;
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
