'use client';

import { useEffect } from 'react';

interface PagedQuery {
  data: { pages: { items: unknown[] }[] } | undefined;
  hasNextPage: boolean;
  isFetching: boolean;
  fetchNextPage: () => unknown;
}

/**
 * Loads as many rows again as there were before a reload or on the way back, so that one finds one's place. Kept for
 * each address of this tab, as the history of a tab is.
 */
export function useKeepLoaded(query: PagedQuery, name: string): void {
  const { data, hasNextPage, isFetching, fetchNextPage } = query;
  const pages = data?.pages.length ?? 0;
  useEffect(() => {
    const key = `darb.pages.${name}${window.location.search}`;
    const wanted = Number(read(key) ?? 1);
    if (pages === 0 || isFetching) return;
    if (pages < wanted && hasNextPage) fetchNextPage();
    else if (pages !== wanted) write(key, String(pages));
  }, [pages, hasNextPage, isFetching, fetchNextPage, name]);
}

// A browser may refuse storage altogether; then a reload begins at the first page.
function read(key: string): string | null {
  try {
    return window.sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    window.sessionStorage.setItem(key, value);
  } catch {
    return;
  }
}
