'use client';

import { useEffect } from 'react';

/** Name of the tab, where it is only known once data is there: many tabs of one kind must be told apart. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    if (title) document.title = `${title} · Darb`;
  }, [title]);
}
