'use client';

import { useSyncExternalStore } from 'react';

/** One clock for all relative times of a page, instead of a timer each; it stands while nobody looks. */
function createClock(intervalMs: number) {
  const listeners = new Set<() => void>();
  let now = Date.now();
  let timer: ReturnType<typeof setInterval> | undefined;
  const tick = () => {
    now = Date.now();
    for (const listener of listeners) listener();
  };
  return {
    subscribe(listener: () => void) {
      if (listeners.size === 0) {
        now = Date.now();
        timer = setInterval(tick, intervalMs);
      }
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) clearInterval(timer);
      };
    },
    read: () => now,
  };
}

const SLOW = createClock(15_000);
const FAST = createClock(500);
/** For the first paint, made on the server: rounded, because it must be the same when asked twice. */
const serverNow = () => Math.floor(Date.now() / 15_000) * 15_000;
const never = () => () => undefined;

/** Milliseconds since the epoch, refreshed often enough for "3 min. ago". */
export function useSlowNow(): number {
  return useSyncExternalStore(SLOW.subscribe, SLOW.read, serverNow);
}

/** Refreshed often enough for a running duration; stands still when `isRunning` is false. */
export function useFastNow(isRunning: boolean): number {
  return useSyncExternalStore(isRunning ? FAST.subscribe : never, FAST.read, serverNow);
}
