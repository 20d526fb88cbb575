import type { ComponentProps } from 'react';
import { cn } from '../../lib/cn';

/**
 * Table parts with the product's measures. Cells for which a narrow table has no room say so with `from`: its own width
 * counts, not that of the window, of which other things take their part.
 */

export function Table({ className, ...props }: ComponentProps<'table'>) {
  return (
    <div className="@container">
      <table className={cn('w-full border-collapse text-sm', className)} {...props} />
    </div>
  );
}

interface CellProps {
  /** Hidden in a table that is narrower: 36, 48 and 56 rem. */
  from?: 'sm' | 'md' | 'lg' | undefined;
  align?: 'right' | undefined;
}

const HIDDEN_BELOW = { sm: '@max-xl:hidden', md: '@max-3xl:hidden', lg: '@max-4xl:hidden' } as const;

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
        'px-2.5 py-2 first:pl-4 last:pr-4',
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
