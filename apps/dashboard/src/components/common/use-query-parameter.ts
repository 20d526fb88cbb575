'use client';

import { useSearchParams } from 'next/navigation';
import { useCallback } from 'react';

/** Changes values in the address without loading anything; an empty one goes. */
export function setQueryParameters(values: Readonly<Record<string, string>>): void {
  const next = new URLSearchParams(window.location.search);
  for (const [name, value] of Object.entries(values)) {
    if (value) next.set(name, value);
    else next.delete(name);
  }
  // Commas may stand in a query as they are, and are easier to read there.
  const query = next.toString().replaceAll('%2C', ',');
  window.history.replaceState(null, '', query ? `?${query}` : window.location.pathname);
}

/** A value that lives in the address, so that it can be linked to and survives a reload. */
export function useQueryParameter(name: string): [string, (value: string) => void] {
  const parameters = useSearchParams();
  const set = useCallback((value: string) => setQueryParameters({ [name]: value }), [name]);
  return [parameters.get(name) ?? '', set];
}
