'use client';

import { useQuery } from '@tanstack/react-query';
import { ServerIcon } from 'lucide-react';
import { queries } from '../../lib/queries';
import { Page, PageHeader, Panel } from '../common/page';
import { EmptyState, ErrorState } from '../common/states';
import { Skeleton } from '../ui/skeleton';
import { QueueSummary } from './queue-summary';
import { WorkerCard } from './worker-card';

/** Heartbeats are no events: what a worker says of itself is asked for. */
const REFRESH_MS = 5_000;

export function WorkersPage() {
  const query = useQuery({ ...queries.workers(), refetchInterval: REFRESH_MS });
  const workers = query.data?.items ?? [];
  return (
    <Page>
      <PageHeader title="Queue and workers" />
      <QueueSummary refreshMs={REFRESH_MS} />
      <h2 className="mt-8 mb-3 text-base font-semibold">Workers</h2>
      {query.isPending ? (
        <div role="status" aria-label="Loading workers" className="grid gap-3">
          <Skeleton className="h-44 rounded-lg" />
          <Skeleton className="h-44 rounded-lg" />
        </div>
      ) : query.isError && workers.length === 0 ? (
        <Panel>
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        </Panel>
      ) : workers.length === 0 ? (
        <Panel>
          <EmptyState icon={ServerIcon} title="No worker is connected">
            Jobs wait until one is. A worker appears here as soon as it has registered.
          </EmptyState>
        </Panel>
      ) : (
        <ul className="grid gap-3 xl:grid-cols-2">
          {workers.map((worker) => (
            <WorkerCard key={worker.id} worker={worker} />
          ))}
        </ul>
      )}
    </Page>
  );
}
