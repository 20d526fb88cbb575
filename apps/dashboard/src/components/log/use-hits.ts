'use client';

import { useEffect, useEffectEvent, useState } from 'react';
import type { LogBuffer } from '../../live/log-buffer';
import { useLogSearch } from './use-log';

interface View {
  /** First and last row in view; null before the first paint. */
  range: () => { startIndex: number; endIndex: number } | null;
  show: (row: number) => void;
}

/** Walks through the hits of a search. */
export function useHits(log: LogBuffer, query: string, view: View) {
  const matches = useLogSearch(log, query);
  const [at, setAt] = useState(0);
  const position = Math.min(at, matches.length - 1);
  const current = query === '' ? undefined : matches[position];

  const goTo = (index: number) => {
    const row = matches[index];
    if (row === undefined) return;
    setAt(index);
    view.show(row);
  };
  const goToFirst = useEffectEvent(() => {
    const top = view.range()?.startIndex ?? 0;
    goTo(
      Math.max(
        0,
        matches.findIndex((row) => row >= top),
      ),
    );
  });
  // As one types, to the first hit from here on. Lines that arrive later move nothing.
  useEffect(() => {
    if (query !== '') goToFirst();
  }, [query]);

  const isInView = () => {
    const range = view.range();
    return (
      current !== undefined && range !== null && current >= range.startIndex && current <= range.endIndex
    );
  };
  return {
    current,
    total: matches.length,
    position: matches.length === 0 ? 0 : position + 1,
    // Whoever scrolled away from a hit means that one before the next.
    next: () => goTo(isInView() ? (position + 1) % matches.length : position),
    previous: () => goTo((position - 1 + matches.length) % matches.length),
  };
}
