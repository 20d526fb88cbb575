'use client';

import type { RefObject } from 'react';
import { useShortcut } from './use-shortcut';

/** `j` and `k` move between the rows of a list, Enter opens the one that has the focus. */
export function useRowKeys(list: RefObject<HTMLElement | null>): void {
  useShortcut('j', () => move(list.current, 1));
  useShortcut('k', () => move(list.current, -1));
}

function move(list: HTMLElement | null, step: 1 | -1): void {
  const rows = [...(list?.querySelectorAll<HTMLElement>('tr') ?? [])];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  // From nowhere, `j` begins with the first row and `k` with the last.
  const next = at === -1 ? (step === 1 ? 0 : rows.length - 1) : at + step;
  rows[next]?.querySelector<HTMLElement>('a')?.focus();
}
