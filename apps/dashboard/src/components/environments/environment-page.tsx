'use client';

import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { EllipsisIcon, PlusIcon, RefreshCwIcon, Trash2Icon } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import type { Environment } from '../../lib/api';
import { formatBytes } from '../../lib/format';
import { ApiProblem } from '../../lib/http';
import { queries } from '../../lib/queries';
import { CopyButton } from '../common/copy-button';
import { ManagerChip } from '../common/manager-chip';
import { NotFound } from '../common/not-found';
import { Facts, Page, PageHeader } from '../common/page';
import { useNames } from '../common/people';
import { ErrorState } from '../common/states';
import { EnvironmentStatusBadge } from '../common/status';
import { RelativeTime } from '../common/time';
import { useShortcut } from '../common/use-shortcut';
import { useTitle } from '../common/use-title';
import { ErrorPanel } from '../jobs/error-panel';
import { Button, buttonVariants } from '../ui/button';
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '../ui/dropdown-menu';
import { Kbd } from '../ui/kbd';
import { Skeleton } from '../ui/skeleton';
import { ActiveJob } from './active-job';
import { AddPackagesDialog } from './add-packages-dialog';
import { DeleteDialog } from './delete-dialog';
import { EnvironmentTabs } from './environment-tabs';
import { useUpdateEverything } from './use-update-everything';

const PARENT = { href: '/environments', label: 'Environments' };

export function EnvironmentPage({ id }: { id: string }) {
  const query = useQuery(queries.environment(id));
  if (query.data) {
    if (query.data.status === 'deleted') return <NotFound what="environment" />;
    return <Loaded environment={query.data} />;
  }
  if (query.error instanceof ApiProblem && query.error.status === 404) return <NotFound what="environment" />;
  return (
    <Page>
      {query.isError ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <div role="status" aria-label="Loading environment">
          <PageHeader parent={PARENT} title={<Skeleton className="my-1 h-5 w-48" />} />
          <Skeleton className="mt-6 h-10 w-full max-w-xl" />
          <Skeleton className="mt-8 h-64 w-full rounded-lg" />
        </div>
      )}
    </Page>
  );
}

function Loaded({ environment }: { environment: Environment }) {
  useTitle(environment.name);
  const [isAdding, setAdding] = useState(false);
  const [isDeleting, setDeleting] = useState(false);
  const update = useUpdateEverything(environment.id);
  const isGoing = environment.status === 'deleting';
  useShortcut('a', () => setAdding(true));
  return (
    <Page>
      <PageHeader
        parent={PARENT}
        title={environment.name}
        aside={
          <>
            <ManagerChip manager={environment.package_manager} />
            <span role="status">
              <EnvironmentStatusBadge status={environment.status} />
            </span>
          </>
        }
        note={environment.description}
        actions={
          <>
            <Button variant="primary" disabled={isGoing} onClick={() => setAdding(true)}>
              <PlusIcon /> Add packages <Kbd className="ml-0.5">a</Kbd>
            </Button>
            <DropdownMenu>
              <DropdownMenuTrigger asChild>
                <Button size="icon" aria-label="More actions">
                  <EllipsisIcon />
                </Button>
              </DropdownMenuTrigger>
              <DropdownMenuContent align="end">
                <DropdownMenuItem disabled={isGoing} onSelect={() => update.mutate()}>
                  <RefreshCwIcon /> Update everything
                </DropdownMenuItem>
                <DropdownMenuSeparator />
                <DropdownMenuItem danger disabled={isGoing} onSelect={() => setDeleting(true)}>
                  <Trash2Icon /> Delete…
                </DropdownMenuItem>
              </DropdownMenuContent>
            </DropdownMenu>
          </>
        }
      />
      <Summary environment={environment} />
      <div className="mt-6 grid gap-3 empty:hidden">
        {environment.active_job_id ? <ActiveJob jobId={environment.active_job_id} /> : null}
        {environment.last_error ? (
          <LastError environment={environment} error={environment.last_error} />
        ) : null}
      </div>
      <EnvironmentTabs environment={environment} onAdd={() => setAdding(true)} />
      <AddPackagesDialog environment={environment} open={isAdding} onOpenChange={setAdding} />
      <DeleteDialog environment={environment} open={isDeleting} onOpenChange={setDeleting} />
    </Page>
  );
}

function Summary({ environment }: { environment: Environment }) {
  const names = useNames();
  const organization = names.organization(environment.organization_id);
  const owner = names.user(environment.owner_id);
  return (
    <Facts
      className="mt-5"
      facts={[
        { label: 'Python', value: <span className="font-mono">{environment.python ?? '–'}</span> },
        { label: 'Packages', value: environment.package_count ?? '–' },
        { label: 'Size', value: formatBytes(environment.size_bytes) },
        { label: 'Revision', value: environment.revision ?? '–' },
        { label: 'Owner', value: organization.isPersonal ? owner : `${owner} · ${organization.name}` },
        { label: 'Updated', value: <RelativeTime at={environment.updated_at} /> },
        {
          label: 'Id',
          value: (
            <span className="flex items-center gap-0.5 font-mono text-xs leading-5">
              {environment.id.slice(-12)}
              <CopyButton text={environment.id} label="Copy the id" className="-my-1 size-6" />
            </span>
          ),
        },
      ]}
    />
  );
}

interface LastErrorProps {
  environment: Environment;
  error: NonNullable<Environment['last_error']>;
}

/** Why the last change failed. The tool's words are with its job, the newest failed one. */
function LastError({ environment, error }: LastErrorProps) {
  const failed = useInfiniteQuery(queries.jobs({ environment_id: environment.id, status: 'failed' }));
  const job = failed.data?.pages[0]?.items.find((item) => item.error?.code === error.code);
  const heading = environment.revision === null ? 'It could not be made' : 'The last change failed';
  return (
    <ErrorPanel
      heading={heading}
      error={job?.error ?? error}
      action={
        job ? (
          <Link href={`/jobs/${job.id}`} className={buttonVariants({ size: 'sm' })}>
            See the log
          </Link>
        ) : null
      }
    />
  );
}
