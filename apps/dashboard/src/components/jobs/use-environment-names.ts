'use client';

import { useInfiniteQuery, useQueries } from '@tanstack/react-query';
import type { Job } from '../../lib/api';
import { shortId } from '../../lib/format';
import { queries } from '../../lib/queries';

/** Asked for one by one at most; what is left shows its id. */
const MOST_SINGLE = 30;

/**
 * Names of the environments of a list of jobs: from the list of environments, and the few that are not on its first
 * page by themselves. A deleted one has no name any more; of those whose deletion is in the list nothing is asked.
 */
export function useEnvironmentNames(jobs: readonly Job[]): (id: string) => string {
  const list = useInfiniteQuery(queries.environments({}));
  const listed = new Map(
    list.data?.pages.flatMap((page) => page.items.map((item) => [item.id, item.name] as const)) ?? [],
  );
  const deleted = new Set(jobs.filter(isDeletion).map((job) => job.environment_id));
  const ids = [...new Set(jobs.map((job) => job.environment_id))];
  const others = list.isSuccess
    ? ids.filter((id) => !listed.has(id) && !deleted.has(id)).slice(0, MOST_SINGLE)
    : [];
  const single = useQueries({ queries: others.map((id) => queries.environmentName(id)) });
  return (id) => {
    const name = listed.get(id) ?? single[others.indexOf(id)]?.data;
    if (name) return name;
    const isGone = deleted.has(id) || single[others.indexOf(id)]?.data === null;
    return isGone ? `deleted (${shortId(id)})` : shortId(id);
  };
}

function isDeletion(job: Job): boolean {
  return job.type === 'delete' && job.status === 'completed';
}
