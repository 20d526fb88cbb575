'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { PackageIcon, PlusIcon, SearchXIcon, Trash2Icon } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Environment, Package } from '../../lib/api';
import { formatBytes } from '../../lib/format';
import { queries } from '../../lib/queries';
import { Panel } from '../common/page';
import { SearchBox } from '../common/search-box';
import { EmptyState, ErrorState } from '../common/states';
import { Cell, HeadCell, Table } from '../common/table';
import { Button } from '../ui/button';
import { Skeleton } from '../ui/skeleton';
import { RemoveDialog } from './remove-dialog';

interface PackagesTabProps {
  environment: Environment;
  onAdd: () => void;
}

export function PackagesTab({ environment, onAdd }: PackagesTabProps) {
  const [filter, setFilter] = useState('');
  const [removing, setRemoving] = useState<string | null>(null);
  const query = useInfiniteQuery({
    ...queries.packages(environment.id),
    enabled: environment.revision !== null,
  });
  const { hasNextPage, isFetching, fetchNextPage } = query;
  // All of them, page by page: they are ordered here, and the filter looks at every one.
  useEffect(() => {
    if (hasNextPage && !isFetching) void fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage]);

  const packages = query.data?.pages.flatMap((page) => page.items) ?? [];
  const wanted = filter.trim().toLowerCase();
  const shown = packages.filter((item) => item.name.toLowerCase().includes(wanted));
  const add = (
    <Button variant="primary" disabled={environment.status === 'deleting'} onClick={onAdd}>
      <PlusIcon /> Add packages
    </Button>
  );

  if (environment.revision === null) {
    return (
      <Panel>
        <EmptyState icon={PackageIcon} title="Nothing installed yet">
          {environment.status === 'failed'
            ? 'Creation failed. Edit and retry it above, with the same packages or others.'
            : 'Packages appear here as soon as the first revision is ready.'}
        </EmptyState>
      </Panel>
    );
  }
  if (query.isError && packages.length === 0) {
    return (
      <Panel>
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      </Panel>
    );
  }
  return (
    <>
      {packages.length > 8 ? (
        <SearchBox value={filter} onChange={setFilter} label="Filter packages" className="mb-3 max-w-sm" />
      ) : null}
      <Panel>
        {query.isPending ? (
          <PackagesSkeleton />
        ) : packages.length === 0 ? (
          <EmptyState icon={PackageIcon} title="No packages" action={add}>
            Only Python itself so far.
          </EmptyState>
        ) : shown.length === 0 ? (
          <EmptyState icon={SearchXIcon} title={`No packages match “${filter}”`} />
        ) : (
          <PackagesTable packages={shown} onRemove={setRemoving} />
        )}
      </Panel>
      <RemoveDialog environment={environment} name={removing} onClose={() => setRemoving(null)} />
    </>
  );
}

interface PackagesTableProps {
  packages: readonly Package[];
  onRemove: (name: string) => void;
}

function PackagesTable({ packages, onRemove }: PackagesTableProps) {
  const explicit = packages.filter((item) => item.explicit);
  const others = packages.filter((item) => !item.explicit);
  return (
    <Table>
      <PackagesHead />
      <tbody>
        {explicit.map((item) => (
          <PackageRow key={`${item.kind}/${item.name}`} item={item} onRemove={onRemove} />
        ))}
        {others.length > 0 ? (
          <tr className="border-b bg-sunken/60 last:border-b-0">
            <th colSpan={6} scope="rowgroup" className="label px-4 py-1.5 text-left font-medium">
              {others.length === 1 ? '1 dependency' : `${others.length.toLocaleString('en')} dependencies`}
            </th>
          </tr>
        ) : null}
        {others.map((item) => (
          <PackageRow key={`${item.kind}/${item.name}`} item={item} onRemove={onRemove} />
        ))}
      </tbody>
    </Table>
  );
}

function PackagesHead() {
  return (
    <thead>
      <tr>
        <HeadCell>Package</HeadCell>
        <HeadCell className="w-36">Version</HeadCell>
        <HeadCell from="md">Requirement</HeadCell>
        <HeadCell from="lg" className="w-56">
          Licence
        </HeadCell>
        <HeadCell from="sm" align="right" className="w-24">
          Size
        </HeadCell>
        <HeadCell className="w-12">
          <span className="sr-only">Actions</span>
        </HeadCell>
      </tr>
    </thead>
  );
}

function PackageRow({ item, onRemove }: { item: Package; onRemove: (name: string) => void }) {
  return (
    <tr className="group border-b last:border-b-0 hover:bg-hover/60">
      <Cell className={item.explicit ? 'py-1.5 font-semibold' : 'py-1.5'}>
        <span className="flex min-h-7 flex-wrap items-center gap-x-2">
          <span className="break-all">{item.name}</span>
          {item.kind === 'conda' ? (
            <span className="text-xs font-normal text-muted-foreground">{item.channel ?? 'conda'}</span>
          ) : null}
        </span>
      </Cell>
      <Cell className="py-1.5 font-mono text-xs break-words">{item.version}</Cell>
      <Cell from="md" className="max-w-0 truncate py-1.5 font-mono text-xs text-muted-foreground">
        <span title={item.requested ?? undefined}>{item.requested}</span>
      </Cell>
      <Cell from="lg" className="max-w-56 truncate py-1.5 text-xs text-muted-foreground">
        <span title={item.license ?? undefined}>{item.license ?? '–'}</span>
      </Cell>
      <Cell from="sm" align="right" className="py-1.5 text-xs whitespace-nowrap text-muted-foreground">
        {formatBytes(item.size_bytes)}
      </Cell>
      <Cell className="py-1.5 text-right">
        {item.explicit ? (
          <Button
            variant="ghost"
            size="icon-sm"
            aria-label={`Remove ${item.name}`}
            title={`Remove ${item.name}`}
            onClick={() => onRemove(item.name)}
            className="text-faint group-hover:text-muted-foreground hover:bg-danger-soft hover:text-danger"
          >
            <Trash2Icon className="size-3.5" />
          </Button>
        ) : null}
      </Cell>
    </tr>
  );
}

function PackagesSkeleton() {
  return (
    <div role="status" aria-label="Loading packages">
      <Table>
        <PackagesHead />
        <tbody>
          {Array.from({ length: 7 }, (_, index) => (
            <tr key={index} className="border-b last:border-b-0">
              <Cell className="py-1.5">
                <Skeleton className="my-1.5 h-4 w-32" />
              </Cell>
              <Cell className="py-1.5">
                <Skeleton className="h-4 w-14" />
              </Cell>
              <Cell from="md" className="py-1.5">
                <Skeleton className="h-4 w-24" />
              </Cell>
              <Cell from="lg" className="py-1.5">
                <Skeleton className="h-4 w-16" />
              </Cell>
              <Cell from="sm" className="py-1.5">
                <Skeleton className="ml-auto h-4 w-14" />
              </Cell>
              <Cell className="py-1.5" />
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}
