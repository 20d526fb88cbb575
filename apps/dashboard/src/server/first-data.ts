import { jobsQuery, PAGE, type JobFilters } from '../lib/api';
import { toJobDetail, toJobPage } from '../lib/answers';
import { unfinishedJobs } from '../lib/job-filters';
import { queries } from '../lib/queries';
import type { FirstData } from './prefetched';
import type { SessionUser } from './sessions';

/** What each page needs for its first paint. Paths are those of `lib/api.ts`, which a server can't call. */

/** Names of people and organizations, as far as this person may list them. */
function names(user: SessionUser): FirstData[] {
  const organizations = { key: queries.organizations().queryKey, path: '/organizations?limit=200' };
  const users = { key: queries.users().queryKey, path: '/users?limit=200' };
  return user.role === 'admin' ? [organizations, users] : [organizations];
}

export function environmentsPage(user: SessionUser, search: string): FirstData[] {
  const query = new URLSearchParams({ ...(search ? { q: search } : {}), limit: String(PAGE) });
  const { queryKey } = queries.environments(search ? { q: search } : {});
  return [...names(user), { key: queryKey, path: `/environments?${query}`, isPaged: true }];
}

export function jobsPage(user: SessionUser, filters: JobFilters): FirstData[] {
  return [...names(user), firstJobs(filters)];
}

function firstJobs(filters: JobFilters): FirstData {
  return {
    key: queries.jobs(filters).queryKey,
    path: `/jobs?${jobsQuery(filters, PAGE)}`,
    isPaged: true,
    read: toJobPage,
  };
}

export function environmentPage(user: SessionUser, id: string): FirstData[] {
  return [
    ...names(user),
    { key: queries.environment(id).queryKey, path: `/environments/${id}` },
    { key: queries.packages(id).queryKey, path: `/environments/${id}/packages?limit=200`, isPaged: true },
    ...unfinishedJobs(id).map(firstJobs),
  ];
}

export function jobPage(user: SessionUser, id: string): FirstData[] {
  return [...names(user), { key: queries.job(id).queryKey, path: `/jobs/${id}`, read: toJobDetail }];
}

export function workersPage(user: SessionUser): FirstData[] {
  return [
    ...names(user),
    { key: queries.workers().queryKey, path: '/workers' },
    { key: queries.queue().queryKey, path: '/queue' },
  ];
}

export function storagePage(user: SessionUser): FirstData[] {
  return [...names(user), { key: queries.storage().queryKey, path: '/storage' }];
}

/** Ids are UUIDs; nothing else can be the address of anything. */
export function isId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
