'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { LayersIcon, PlusIcon, SearchXIcon } from 'lucide-react';
import { useState } from 'react';
import { queries } from '../../lib/queries';
import { Page, PageHeader, Panel } from '../common/page';
import { SearchBox } from '../common/search-box';
import { EmptyState, ErrorState, LoadMore } from '../common/states';
import { useKeepLoaded } from '../common/use-keep-loaded';
import { useQueryParameter } from '../common/use-query-parameter';
import { useShortcut } from '../common/use-shortcut';
import { Button } from '../ui/button';
import { Kbd } from '../ui/kbd';
import { CreateDialog } from './create-dialog';
import { EnvironmentTable, EnvironmentTableSkeleton } from './environment-table';

export function EnvironmentList() {
  const [search, setSearch] = useQueryParameter('q');
  const [isCreating, setCreating] = useState(false);
  const [searchKey, setSearchKey] = useState(0);
  const query = useInfiniteQuery({
    ...queries.environments(search ? { q: search } : {}),
    // While the next search loads, the last result stays, so that nothing jumps.
    placeholderData: (previous) => previous,
  });
  useKeepLoaded(query, 'environments');
  useShortcut('c', () => setCreating(true));

  const environments = query.data?.pages.flatMap((page) => page.items) ?? [];
  const clear = () => {
    setSearch('');
    setSearchKey((key) => key + 1);
  };
  return (
    <Page>
      <PageHeader
        title="Environments"
        actions={
          <Button variant="primary" onClick={() => setCreating(true)}>
            <PlusIcon /> New environment <Kbd className="ml-0.5">c</Kbd>
          </Button>
        }
      />
      <SearchBox
        key={searchKey}
        value={search}
        onChange={setSearch}
        delayMs={200}
        label="Search by name"
        className="mt-5 mb-3 max-w-sm"
      />
      <Panel>
        {query.isPending ? (
          <EnvironmentTableSkeleton />
        ) : query.isError && environments.length === 0 ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : environments.length > 0 ? (
          <div className={query.isPlaceholderData ? 'opacity-60 transition-opacity' : undefined}>
            <EnvironmentTable environments={environments} />
            <LoadMore query={query} />
          </div>
        ) : search ? (
          <EmptyState
            icon={SearchXIcon}
            title={`No environments match “${search}”`}
            action={<Button onClick={clear}>Clear search</Button>}
          >
            The search looks at names only.
          </EmptyState>
        ) : (
          <EmptyState
            icon={LayersIcon}
            title="Create your first environment"
            action={
              <Button variant="primary" size="lg" onClick={() => setCreating(true)}>
                <PlusIcon /> New environment
              </Button>
            }
          >
            A Python version and your packages with all dependencies, locked: the same for everyone who uses
            it.
          </EmptyState>
        )}
      </Panel>
      <CreateDialog open={isCreating} onOpenChange={setCreating} />
    </Page>
  );
}
