'use client';

import { RadioGroup } from 'radix-ui';
import type { ComponentProps, ReactNode } from 'react';
import { cn } from '../../lib/cn';

export function RadioCards({ className, ...props }: ComponentProps<typeof RadioGroup.Root>) {
  return <RadioGroup.Root className={cn('grid grid-cols-2 gap-2', className)} {...props} />;
}

interface RadioCardProps extends ComponentProps<typeof RadioGroup.Item> {
  heading: ReactNode;
  note: ReactNode;
}

export function RadioCard({ heading, note, className, ...props }: RadioCardProps) {
  return (
    <RadioGroup.Item
      className={cn(
        'group grid content-start gap-0.5 rounded-lg border border-border-strong bg-surface px-3 py-2.5 text-left shadow-raised transition-colors hover:bg-hover',
        'data-[state=checked]:border-primary data-[state=checked]:bg-primary-soft/50 data-[state=checked]:ring-1 data-[state=checked]:ring-primary',
        'disabled:cursor-not-allowed disabled:bg-sunken disabled:text-muted-foreground disabled:shadow-none',
        className,
      )}
      {...props}
    >
      <span className="flex items-center justify-between gap-2 text-sm font-semibold">
        {heading}
        <span
          aria-hidden="true"
          className="grid size-3.5 place-items-center rounded-full border border-border-strong group-data-[state=checked]:border-primary group-data-[state=checked]:bg-primary"
        >
          <RadioGroup.Indicator className="size-1.5 rounded-full bg-primary-foreground" />
        </span>
      </span>
      <span className="label">{note}</span>
    </RadioGroup.Item>
  );
}
