'use client';

import { useEffect, useState } from 'react';
import { useStreamState } from '../../live/live-provider';
import { cn } from '../../lib/cn';

/** Shorter interruptions of a server that can be reached are not worth a word. */
const QUIET_MS = 1_000;

/** Whether what one sees is live. Says something aloud only when it is not, and when it is again. */
export function LiveIndicator({ compact = false }: { compact?: boolean }) {
  const state = useStreamState();
  const isDown = state === 'reconnecting' || state === 'connecting';
  const isOffline = state === 'unreachable';
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    if (!isDown) return setLong(false);
    const timer = setTimeout(() => setLong(true), QUIET_MS);
    return () => clearTimeout(timer);
  }, [isDown]);
  const isShown = isOffline || isLong;

  return (
    <span
      role="status"
      title={
        isShown ? 'The connection is lost; changes appear when it is back.' : 'This page updates by itself.'
      }
      className={cn(
        'inline-flex items-center gap-2 text-xs',
        isShown ? 'text-warning' : 'text-muted-foreground',
        compact && !isShown && 'sr-only',
      )}
    >
      <span className="relative grid size-2 place-items-center" aria-hidden="true">
        {isShown ? <span className="absolute size-2 animate-ping rounded-full bg-saffron" /> : null}
        <span className={cn('size-1.5 rounded-full', isShown ? 'bg-saffron' : 'bg-success')} />
      </span>
      {isOffline ? 'Offline' : isShown ? 'Reconnecting…' : 'Live'}
    </span>
  );
}
