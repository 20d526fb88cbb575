/** What a live event changes in data that is already on the page. Pure; nothing here asks the server. */
import { isTerminal } from '@darb/models';
import type { Environment, EnvironmentFilters, Job, JobDetail, JobFilters, Page } from './api';

export interface Pages<T> {
  pages: Page<T>[];
  pageParams: unknown[];
}

/** The newer of two states of a job: events may arrive after an answer that is already ahead of them. */
export function newerJob(known: Job | undefined, incoming: Job): Job {
  if (!known) return incoming;
  if (isTerminal(known.status) && !isTerminal(incoming.status)) return known;
  return incoming.attempt < known.attempt ? known : incoming;
}

/** The same for a job that was loaded with its details: an event has none, and what it says of the rest counts. */
export function newerDetail(known: JobDetail | undefined, incoming: Job): JobDetail | undefined {
  return known && { ...known, ...newerJob(known, incoming) };
}

/** Whether the details of a job are older than the job itself: its attempts, or what it waits for, are others now. */
export function hasNewDetails(known: Job | undefined, incoming: Job): boolean {
  return (
    known !== undefined &&
    (known.status !== incoming.status ||
      known.attempt !== incoming.attempt ||
      known.waiting_for !== incoming.waiting_for ||
      known.cancel_requested_at !== incoming.cancel_requested_at)
  );
}

export function newerEnvironment(known: Environment | undefined, incoming: Environment): Environment {
  if (!known) return incoming;
  return Date.parse(incoming.updated_at) < Date.parse(known.updated_at) ? known : incoming;
}

export function jobMatches(job: Job, filters: JobFilters): boolean {
  return (
    (!filters.environment_id || job.environment_id === filters.environment_id) &&
    (!filters.status || filters.status.includes(job.status)) &&
    (!filters.type || job.type === filters.type) &&
    (!filters.requested_by || job.requested_by === filters.requested_by)
  );
}

export function environmentMatches(environment: Environment, filters: EnvironmentFilters): boolean {
  if (environment.status === 'deleted') return false;
  return !filters.q || environment.name.toLowerCase().includes(filters.q.toLowerCase());
}

/**
 * Puts an item in a list that is ordered by id, newest first: replaced where it stands, taken out when it no longer
 * belongs, added on top when it is newer than all. One that would belong in the middle is left to the next load.
 */
export function mergeIntoPages<T extends { id: string }>(
  data: Pages<T> | undefined,
  incoming: T,
  belongs: boolean,
  newer: (known: T, incoming: T) => T = (_known, item) => item,
): Pages<T> | undefined {
  if (!data) return data;
  const isKnown = data.pages.some((page) => page.items.some((item) => item.id === incoming.id));
  if (isKnown) {
    const change = (item: T): T[] =>
      item.id !== incoming.id ? [item] : belongs ? [newer(item, incoming)] : [];
    return { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.flatMap(change) })) };
  }
  const [first, ...rest] = data.pages;
  if (!belongs || !first) return data;
  const top = first.items[0];
  // Ids are UUIDv7: their order is the order of creation.
  if (top && top.id >= incoming.id) return data;
  return { ...data, pages: [{ ...first, items: [incoming, ...first.items] }, ...rest] };
}
