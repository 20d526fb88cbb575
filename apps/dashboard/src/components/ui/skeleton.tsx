import { cn } from '../../lib/cn';

/** Holds the place of something that loads, in its size, so that nothing moves when it is there. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden="true" className={cn('block animate-pulse rounded-sm bg-hover', className)} />;
}
