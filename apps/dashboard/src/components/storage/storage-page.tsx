'use client';

import { useQuery } from '@tanstack/react-query';
import { HardDriveIcon } from 'lucide-react';
import { retentionSentences } from '../../lib/retention';
import { queries } from '../../lib/queries';
import { Page, PageHeader, Panel } from '../common/page';
import { EmptyState, ErrorState } from '../common/states';
import { Skeleton } from '../ui/skeleton';
import { StoreCard } from './store-card';

/** Disks fill slowly; what a job changed is loaded again at its end anyway. */
const REFRESH_MS = 30_000;

export function StoragePage() {
  const query = useQuery({ ...queries.storage(), refetchInterval: REFRESH_MS });
  const storage = query.data;
  return (
    <Page>
      <PageHeader
        title="Storage"
        note="Installed packages are kept as trees, which revisions and environments share."
      />
      <div className="mt-5 grid gap-4">
        {query.isPending ? (
          <div role="status" aria-label="Loading storage">
            <Skeleton className="h-56 rounded-lg" />
          </div>
        ) : !storage ? (
          <Panel>
            <ErrorState error={query.error!} onRetry={() => void query.refetch()} />
          </Panel>
        ) : storage.stores.length === 0 ? (
          <Panel>
            <EmptyState icon={HardDriveIcon} title="No store yet">
              The folder of a worker appears here as soon as it has registered.
            </EmptyState>
          </Panel>
        ) : (
          storage.stores.map((store) => <StoreCard key={store.id} store={store} />)
        )}
      </div>
      {storage && storage.stores.length > 0 ? <Retention retention={storage.retention} /> : null}
    </Page>
  );
}

function Retention({ retention }: { retention: Record<string, number> }) {
  return (
    <section aria-labelledby="retention" className="mt-8 grid max-w-2xl gap-2">
      <h2 id="retention" className="text-base font-semibold">
        What is kept, and for how long
      </h2>
      <ul className="grid gap-1 text-sm text-muted-foreground">
        {retentionSentences(retention).map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </section>
  );
}
