'use client';

import { useEffect, useEffectEvent } from 'react';
import { isTyping } from '../../lib/browser';

/** A single key of the page, where no text field, menu or dialog has the keyboard. */
export function useShortcut(key: string, run: () => void): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.key !== key || isTyping(event)) return;
    event.preventDefault();
    run();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(event);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);
}
