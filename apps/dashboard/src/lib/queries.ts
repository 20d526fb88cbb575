import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, type EnvironmentFilters, type JobFilters, type Page } from './api';

/** Keys and fetchers of everything that pages show. Keys begin with the noun, so that an event finds its data. */

function paged<T>(
  key: readonly unknown[],
  fetchPage: (cursor: string | null, signal: AbortSignal) => Promise<Page<T>>,
) {
  return infiniteQueryOptions({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => fetchPage(pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });
}

export const queries = {
  environments: (filters: EnvironmentFilters) =>
    paged(['environments', filters], (cursor, signal) => api.listEnvironments(filters, cursor, signal)),
  environment: (id: string) =>
    queryOptions({ queryKey: ['environment', id], queryFn: ({ signal }) => api.environment(id, signal) }),
  packages: (id: string) =>
    paged(['contents', id, 'packages'], (cursor, signal) => api.packages(id, cursor, signal)),
  revisions: (id: string) =>
    paged(['contents', id, 'revisions'], (cursor, signal) => api.revisions(id, cursor, signal)),
  file: (id: string, kind: 'manifest' | 'lockfile') =>
    queryOptions({
      queryKey: ['contents', id, kind],
      queryFn: ({ signal }) => api[kind](id, signal),
    }),
  jobs: (filters: JobFilters) =>
    paged(['jobs', filters], (cursor, signal) => api.listJobs(filters, cursor, signal)),
  job: (id: string) => queryOptions({ queryKey: ['job', id], queryFn: ({ signal }) => api.job(id, signal) }),
  workers: () => queryOptions({ queryKey: ['workers'], queryFn: ({ signal }) => api.workers(signal) }),
  queue: () => queryOptions({ queryKey: ['queue'], queryFn: ({ signal }) => api.queue(signal) }),
  storage: () => queryOptions({ queryKey: ['storage'], queryFn: ({ signal }) => api.storage(signal) }),
  packageManagers: () =>
    queryOptions({ queryKey: ['package-managers'], queryFn: ({ signal }) => api.packageManagers(signal) }),
  organizations: () =>
    queryOptions({
      queryKey: ['organizations'],
      queryFn: ({ signal }) => api.organizations(signal),
      staleTime: 5 * 60_000,
    }),
  users: () =>
    queryOptions({ queryKey: ['users'], queryFn: ({ signal }) => api.users(signal), staleTime: 5 * 60_000 }),
};
