import type { ComponentProps } from 'react';
import { cn } from '../../lib/cn';

type ScrollRegionProps = ComponentProps<'div'> & { 'aria-label': string };

/** Something that scrolls by itself. It takes the keyboard's focus, or nobody without a mouse could read its end. */
export function ScrollRegion({ className, role = 'region', ...props }: ScrollRegionProps) {
  return (
    <div role={role} tabIndex={0} className={cn('focus-visible:-outline-offset-2', className)} {...props} />
  );
}
