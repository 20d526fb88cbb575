'use client';

import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { EllipsisIcon, PlusIcon, RefreshCwIcon, Trash2Icon, WrenchIcon } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import type { Environment } from '../../lib/api';
import { isRebuilding } from '../../lib/environment-state';
import { formatBytes } from '../../lib/format';
import { ApiProblem } from '../../lib/http';
import { queries } from '../../lib/queries';
import { useIsOffline } from '../../live/live-provider';
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
import { RetryActions } from '../jobs/retry-actions';
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
import { AddPackagesDialog } from './add-packages-dialog';
import { ChangeStack } from './change-stack';
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
  const isOffline = useIsOffline();
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
                <DropdownMenuItem disabled={isGoing || isOffline} onSelect={() => update.send()}>
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
        <ChangeStack environmentId={environment.id} />
        <Rebuilding environment={environment} />
        {environment.last_error && environment.active_job_id === null ? (
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

/** Files that went missing on the disk are built again; until then there is nothing to use. */
function Rebuilding({ environment }: { environment: Environment }) {
  if (!isRebuilding(environment)) return null;
  return (
    <p
      role="status"
      className="flex items-center gap-2.5 rounded-lg border bg-warning-soft/60 px-4 py-2.5 text-sm"
    >
      <WrenchIcon className="size-4 shrink-0 text-warning" aria-hidden="true" />
      Revision {environment.revision} is being rebuilt: its files were missing or changed on the disk.
    </p>
  );
}

interface LastErrorProps {
  environment: Environment;
  error: NonNullable<Environment['last_error']>;
}

/** Why the last change failed, and the ways on from it. The tool's words are with its job, the newest failed one. */
function LastError({ environment, error }: LastErrorProps) {
  const failed = useInfiniteQuery(queries.jobs({ environment_id: environment.id, status: ['failed'] }));
  const job = failed.data?.pages[0]?.items.find((item) => item.error?.code === error.code);
  const heading = environment.revision === null ? 'Creation failed' : 'The last change failed';
  return (
    <ErrorPanel
      heading={heading}
      error={job?.error ?? error}
      action={
        job ? (
          <>
            <RetryActions job={job} />
            <Link href={`/jobs/${job.id}`} className={buttonVariants({ size: 'sm', variant: 'ghost' })}>
              Show the log
            </Link>
          </>
        ) : null
      }
    />
  );
}
