import { ChevronRightIcon } from 'lucide-react';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { cn } from '../../lib/cn';

export function Page({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <div className={cn('mx-auto w-full max-w-[100rem] px-4 pt-6 pb-16 sm:px-7 lg:pt-8', className)}>
      {children}
    </div>
  );
}

interface PageHeaderProps {
  /** Where this page lies: the way back up. */
  parent?: { href: string; label: string };
  title: ReactNode;
  /** Beside the title: badges. */
  aside?: ReactNode;
  /** Below the title. */
  note?: ReactNode;
  actions?: ReactNode;
}

export function PageHeader({ parent, title, aside, note, actions }: PageHeaderProps) {
  return (
    <header className="flex flex-wrap items-end gap-x-6 gap-y-3">
      <div className="grid min-w-0 flex-1 basis-36 gap-1">
        {parent ? (
          <nav aria-label="Breadcrumb" className="-ml-0.5 flex items-center text-xs text-muted-foreground">
            <Link href={parent.href} className="rounded-sm px-0.5 hover:text-foreground hover:underline">
              {parent.label}
            </Link>
            <ChevronRightIcon className="size-3.5 text-faint" aria-hidden="true" />
          </nav>
        ) : null}
        <div className="flex min-w-0 flex-wrap items-center gap-x-2.5 gap-y-1.5">
          <h1 className="min-w-0 text-xl font-semibold tracking-[-0.02em] break-words">{title}</h1>
          {aside}
        </div>
        {note ? <div className="text-sm text-muted-foreground">{note}</div> : null}
      </div>
      {actions ? <div className="flex items-center gap-2">{actions}</div> : null}
    </header>
  );
}

/** A surface that holds a list or a table. */
export function Panel({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <div className={cn('overflow-hidden rounded-lg border bg-surface shadow-raised', className)}>
      {children}
    </div>
  );
}

export interface Fact {
  label: string;
  value: ReactNode;
}

/** Small labelled facts in a row that wraps. */
export function Facts({ facts, className }: { facts: readonly Fact[]; className?: string }) {
  return (
    <dl className={cn('flex flex-wrap gap-x-8 gap-y-3', className)}>
      {facts.map(({ label, value }) => (
        <div key={label} className="grid content-start gap-0.5">
          <dt className="label">{label}</dt>
          <dd className="figures text-sm font-medium">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
