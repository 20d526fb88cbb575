import type { ComponentProps } from 'react';
import { cn } from '../../lib/cn';

/** Looks shared by everything that text goes into. 16 px on touch screens, or iOS zooms in on focus. */
export const FIELD =
  'w-full rounded-md border border-border-strong bg-surface text-sm shadow-raised transition-colors placeholder:text-faint ' +
  'pointer-coarse:text-lg focus-visible:border-ring focus-visible:outline-2 focus-visible:outline-offset-0 focus-visible:outline-ring/35 ' +
  'disabled:cursor-not-allowed disabled:opacity-50 aria-invalid:border-danger aria-invalid:outline-danger/30';

export function Input({ className, ...props }: ComponentProps<'input'>) {
  return <input className={cn(FIELD, 'h-8 px-2.5', className)} {...props} />;
}
