'use client';

import { useInfiniteQuery, useQueries } from '@tanstack/react-query';
import { shortId } from '../../lib/format';
import { queries } from '../../lib/queries';

/** Asked for one by one at most; what is left shows its id. */
const MOST_SINGLE = 30;

/**
 * Names of the environments of a list of jobs: from the list of environments, and the few that are not on its first
 * page by themselves. A deleted one has no name any more.
 */
export function useEnvironmentNames(ids: readonly string[]): (id: string) => string {
  const list = useInfiniteQuery(queries.environments({}));
  const listed = new Map(
    list.data?.pages.flatMap((page) => page.items.map((item) => [item.id, item.name] as const)) ?? [],
  );
  const others = list.isSuccess
    ? [...new Set(ids)].filter((id) => !listed.has(id)).slice(0, MOST_SINGLE)
    : [];
  const single = useQueries({ queries: others.map((id) => ({ ...queries.environment(id), retry: false })) });
  return (id) => {
    const name = listed.get(id) ?? single[others.indexOf(id)]?.data?.name;
    if (name) return name;
    return single[others.indexOf(id)]?.isError ? `deleted (${shortId(id)})` : shortId(id);
  };
}
