'use client';

import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { LogSearch } from '../../lib/log-search';
import type { LogBuffer } from '../../live/log-buffer';

/** Renders again when there are more rows, at most once a frame: a replay brings thousands of them a second. */
export function useLogVersion(log: LogBuffer): number {
  const subscribe = useCallback(
    (listener: () => void) => {
      let frame = 0;
      const unsubscribe = log.subscribe(() => {
        frame ||= requestAnimationFrame(() => {
          frame = 0;
          listener();
        });
      });
      return () => {
        cancelAnimationFrame(frame);
        unsubscribe();
      };
    },
    [log],
  );
  return useSyncExternalStore(
    subscribe,
    () => log.version,
    () => 0,
  );
}

/** Rows that contain the query; grows with the log. */
export function useLogSearch(log: LogBuffer, query: string): readonly number[] {
  const search = useMemo(() => new LogSearch(query), [query]);
  useLogVersion(log);
  return search.extend(log.rows);
}
