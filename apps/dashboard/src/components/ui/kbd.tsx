import type { ReactNode } from 'react';
import { cn } from '../../lib/cn';

export function Kbd({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <kbd
      aria-hidden="true"
      className={cn(
        'hidden h-4.5 min-w-4.5 items-center justify-center rounded-[4px] border border-current/20 px-1 font-sans text-2xs font-medium opacity-80 pointer-fine:inline-flex',
        className,
      )}
    >
      {children}
    </kbd>
  );
}
