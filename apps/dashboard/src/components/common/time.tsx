'use client';

import { formatDuration, formatRelative, formatTimestamp } from '../../lib/format';
import { useFastNow, useSlowNow } from './now';

/** "3 min. ago"; the exact time is its title. */
export function RelativeTime({ at, className }: { at: string; className?: string }) {
  const now = useSlowNow();
  return (
    <time dateTime={at} title={formatTimestamp(at)} className={className} suppressHydrationWarning>
      {formatRelative(at, now)}
    </time>
  );
}

interface DurationProps {
  from: string | null;
  to: string | null;
  className?: string;
}

/** From one time to another, or running until now. */
export function Duration({ from, to, className }: DurationProps) {
  const now = useFastNow(from !== null && to === null);
  if (from === null) return <span className={className}>–</span>;
  const end = to === null ? now : Date.parse(to);
  return (
    <span className={className} suppressHydrationWarning>
      {formatDuration(end - Date.parse(from))}
    </span>
  );
}
