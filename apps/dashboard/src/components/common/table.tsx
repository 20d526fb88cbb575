import type { ComponentProps } from 'react';
import { cn } from '../../lib/cn';

/** Table parts with the product's measures. Cells that a small screen has no room for say so with `wide`. */

export function Table({ className, ...props }: ComponentProps<'table'>) {
  return <table className={cn('w-full border-collapse text-sm', className)} {...props} />;
}

interface CellProps {
  /** Hidden below this width. */
  from?: 'sm' | 'md' | 'lg' | undefined;
  align?: 'right' | undefined;
}

const HIDDEN_BELOW = { sm: 'max-sm:hidden', md: 'max-md:hidden', lg: 'max-lg:hidden' } as const;

export function HeadCell({
  from,
  align,
  className,
  ...props
}: CellProps & Omit<ComponentProps<'th'>, 'align'>) {
  return (
    <th
      scope="col"
      className={cn(
        'h-8.5 border-b bg-sunken/60 px-2.5 text-left text-xs font-medium whitespace-nowrap text-muted-foreground first:pl-4 last:pr-4',
        align === 'right' && 'text-right',
        from && HIDDEN_BELOW[from],
        className,
      )}
      {...props}
    />
  );
}

export function Cell({ from, align, className, ...props }: CellProps & Omit<ComponentProps<'td'>, 'align'>) {
  return (
    <td
      className={cn(
        'px-2.5 py-2.5 first:pl-4 last:pr-4',
        align === 'right' && 'figures text-right',
        from && HIDDEN_BELOW[from],
        className,
      )}
      {...props}
    />
  );
}

/** A row that leads somewhere: its first link covers all of it (`ROW_LINK`). */
export function Row({ className, ...props }: ComponentProps<'tr'>) {
  return (
    <tr
      className={cn('relative border-b transition-colors last:border-b-0 hover:bg-hover/60', className)}
      {...props}
    />
  );
}

export const ROW_LINK =
  'outline-none after:absolute after:inset-0 focus-visible:after:rounded-sm focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-ring';
