'use client';

import { RotateCwIcon, TriangleAlertIcon, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiProblem } from '../../lib/http';
import { cn } from '../../lib/cn';
import { Button } from '../ui/button';
import { Prose } from './prose';

interface ErrorStateProps {
  error: Error;
  onRetry: () => void;
  className?: string;
}

/** Something could not be loaded: what the API said, and a way to try again. */
export function ErrorState({ error, onRetry, className }: ErrorStateProps) {
  const requestId = error instanceof ApiProblem ? error.requestId : null;
  return (
    <div role="alert" className={cn('grid justify-items-center gap-3 px-6 py-14 text-center', className)}>
      <TriangleAlertIcon className="size-6 text-danger" aria-hidden="true" />
      <div className="grid gap-1">
        <p className="font-medium">This could not be loaded</p>
        <p className="max-w-md text-sm text-muted-foreground">
          <Prose text={error.message} />
        </p>
        {requestId ? <p className="font-mono text-2xs text-faint">request {requestId}</p> : null}
      </div>
      <Button onClick={onRetry}>
        <RotateCwIcon /> Try again
      </Button>
    </div>
  );
}

interface EmptyStateProps {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  className?: string;
}

export function EmptyState({ icon: Icon, title, children, action, className }: EmptyStateProps) {
  return (
    <div className={cn('grid justify-items-center gap-4 px-6 py-16 text-center', className)}>
      <span className="grid size-11 place-items-center rounded-full bg-primary-soft text-primary">
        <Icon className="size-5" aria-hidden="true" />
      </span>
      <div className="grid gap-1">
        <p className="font-semibold">{title}</p>
        {children ? <p className="max-w-sm text-sm text-balance text-muted-foreground">{children}</p> : null}
      </div>
      {action}
    </div>
  );
}

interface LoadMoreProps {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}

export function LoadMore({ query }: LoadMoreProps) {
  if (!query.hasNextPage) return null;
  return (
    <div className="flex justify-center border-t p-2">
      <Button variant="ghost" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        {query.isFetchingNextPage ? 'Loading…' : 'Load more'}
      </Button>
    </div>
  );
}
