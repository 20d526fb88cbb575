import { JOB_STATUSES, JOB_TYPES } from '@darb/models';
import type { JobFilters } from './api';

/** Filters of the list of jobs as its address says them; what the API does not know is left out. */
export function jobFilters({ status, type }: Record<string, string | string[] | undefined>): JobFilters {
  return {
    ...(isOneOf(JOB_STATUSES, status) ? { status } : {}),
    ...(isOneOf(JOB_TYPES, type) ? { type } : {}),
  };
}

function isOneOf<T extends string>(values: readonly T[], value: unknown): value is T {
  return (values as readonly unknown[]).includes(value);
}
