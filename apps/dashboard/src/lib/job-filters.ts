import { JOB_STATUSES } from '@darb/models';
import type { Job, JobFilters } from './api';
import { SHOWN_JOB_TYPES } from './job-types';

type Parameters = Record<string, string | string[] | undefined>;

/**
 * Filters of the list of jobs as its address says them: `?status=pending,running&type=install&environment=<id>&by=me`.
 * What the API does not know is left out, and the order of statuses does not matter.
 */
export function jobFilters(parameters: Parameters, personId: string): JobFilters {
  const { type, environment, by } = parameters;
  const status = statusesIn(parameters['status']);
  return {
    ...(status.length > 0 ? { status } : {}),
    ...(isOneOf(SHOWN_JOB_TYPES, type) ? { type } : {}),
    ...(typeof environment === 'string' && ID.test(environment) ? { environment_id: environment } : {}),
    ...(by === 'me' ? { requested_by: personId } : {}),
  };
}

/** A status more or less, in the order that statuses have. */
export function toggleStatus(
  statuses: readonly Job['status'][] | undefined,
  status: Job['status'],
): readonly Job['status'][] {
  const chosen = new Set(statuses);
  if (!chosen.delete(status)) chosen.add(status);
  return JOB_STATUSES.filter((one) => chosen.has(one));
}

/** What runs in an environment, and what waits there: two lists, each of which stays in order when a job moves. */
export function unfinishedJobs(environmentId: string): [running: JobFilters, waiting: JobFilters] {
  return [
    { environment_id: environmentId, status: ['running'] },
    { environment_id: environmentId, status: ['pending'] },
  ];
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function statusesIn(value: string | string[] | undefined): Job['status'][] {
  const named = new Set([value ?? []].flat().flatMap((text) => text.split(',')));
  return JOB_STATUSES.filter((status) => named.has(status));
}

function isOneOf<T extends string>(values: readonly T[], value: unknown): value is T {
  return (values as readonly unknown[]).includes(value);
}
