'use client';

import { useState } from 'react';

/** A choice of how things look, kept in this browser. Only for components that are never rendered on the server. */
export function usePreference(name: string, initial: () => boolean): [boolean, (value: boolean) => void] {
  const key = `darb.${name}`;
  const [value, setValue] = useState(() => {
    const stored = read(key);
    return stored === null ? initial() : stored === '1';
  });
  return [
    value,
    (next) => {
      setValue(next);
      write(key, next ? '1' : '0');
    },
  ];
}

// A browser may refuse storage altogether; then the choice lasts as long as the page.
function read(key: string): string | null {
  try {
    return window.localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    window.localStorage.setItem(key, value);
  } catch {
    return;
  }
}
