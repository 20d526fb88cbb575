'use client';

import { useSearchParams } from 'next/navigation';
import { useCallback } from 'react';

/** A value that lives in the address, so that it can be linked to and survives a reload. Changes load nothing. */
export function useQueryParameter(name: string): [string, (value: string) => void] {
  const parameters = useSearchParams();
  const set = useCallback(
    (value: string) => {
      const next = new URLSearchParams(window.location.search);
      if (value) next.set(name, value);
      else next.delete(name);
      const query = next.toString();
      window.history.replaceState(null, '', query ? `?${query}` : window.location.pathname);
    },
    [name],
  );
  return [parameters.get(name) ?? '', set];
}
