'use client';

import { CircleAlertIcon } from 'lucide-react';
import Link from 'next/link';
import { useRef } from 'react';
import type { Environment } from '../../lib/api';
import { formatBytes, plural } from '../../lib/format';
import { ManagerChip } from '../common/manager-chip';
import { useNames } from '../common/people';
import { EnvironmentStatusBadge } from '../common/status';
import { Cell, HeadCell, Row, ROW_LINK, Table } from '../common/table';
import { RelativeTime } from '../common/time';
import { useRowKeys } from '../common/use-row-keys';
import { Skeleton } from '../ui/skeleton';

export function EnvironmentTable({ environments }: { environments: readonly Environment[] }) {
  const body = useRef<HTMLTableSectionElement>(null);
  useRowKeys(body);
  return (
    <Table>
      <Head />
      <tbody ref={body}>
        {environments.map((environment) => (
          <EnvironmentRow key={environment.id} environment={environment} />
        ))}
      </tbody>
    </Table>
  );
}

function Head() {
  return (
    <thead>
      <tr>
        <HeadCell className="w-auto">Name</HeadCell>
        <HeadCell className="@xl:w-32">Status</HeadCell>
        <HeadCell from="md" className="w-24">
          Python
        </HeadCell>
        <HeadCell from="sm" align="right" className="w-36">
          Packages
        </HeadCell>
        <HeadCell from="md" align="right" className="w-20">
          Revision
        </HeadCell>
        <HeadCell from="lg" className="w-40">
          Owner
        </HeadCell>
        <HeadCell from="sm" align="right" className="w-32">
          Updated
        </HeadCell>
      </tr>
    </thead>
  );
}

function EnvironmentRow({ environment }: { environment: Environment }) {
  const names = useNames();
  const organization = names.organization(environment.organization_id);
  return (
    <Row>
      <Cell className="max-w-0 @xl:w-auto">
        <div className="flex items-center gap-2">
          <Link
            href={`/environments/${environment.id}`}
            prefetch={false}
            className={`${ROW_LINK} truncate font-semibold`}
          >
            {environment.name}
          </Link>
          <ManagerChip manager={environment.package_manager} />
          {environment.last_error && environment.status === 'ready' ? (
            <span title={`The last change failed: ${environment.last_error.message}`} className="text-danger">
              <CircleAlertIcon className="size-3.5" aria-hidden="true" />
              <span className="sr-only">The last change failed.</span>
            </span>
          ) : null}
          <span
            title={environment.description || undefined}
            className="min-w-0 flex-1 truncate text-xs text-muted-foreground @max-3xl:hidden"
          >
            {environment.description}
          </span>
        </div>
        <p className="figures mt-0.5 truncate text-xs text-muted-foreground @xl:hidden">
          {summaryOf(environment)}
        </p>
      </Cell>
      <Cell className="@max-xl:w-px">
        <EnvironmentStatusBadge status={environment.status} />
      </Cell>
      <Cell from="md" className="font-mono text-xs">
        {environment.python ?? '–'}
      </Cell>
      <Cell from="sm" align="right" className="whitespace-nowrap">
        {environment.package_count ?? '–'}
        {environment.size_bytes === null ? null : (
          <span className="ml-2 inline-block min-w-14 text-xs text-muted-foreground">
            {formatBytes(environment.size_bytes)}
          </span>
        )}
      </Cell>
      <Cell from="md" align="right">
        {environment.revision ?? '–'}
      </Cell>
      <Cell from="lg" className="max-w-40 truncate">
        {names.user(environment.owner_id)}
        {organization.isPersonal ? null : (
          <span className="text-xs text-muted-foreground"> · {organization.name}</span>
        )}
      </Cell>
      <Cell from="sm" align="right" className="text-xs whitespace-nowrap text-muted-foreground">
        <RelativeTime at={environment.updated_at} />
      </Cell>
    </Row>
  );
}

/** For screens that have no room for columns. */
function summaryOf({ python, package_count, size_bytes }: Environment): string {
  const parts = [
    python === null ? null : `Python ${python}`,
    package_count === null ? null : plural(package_count, 'package'),
    size_bytes === null ? null : formatBytes(size_bytes),
  ];
  return parts.filter((part) => part !== null).join(' · ');
}

export function EnvironmentTableSkeleton() {
  return (
    <div role="status" aria-label="Loading environments">
      <Table>
        <Head />
        <tbody>
          {Array.from({ length: 6 }, (_, index) => (
            <tr key={index} className="border-b last:border-b-0">
              <Cell>
                <Skeleton className="my-0.5 h-4 w-36" />
                <Skeleton className="mt-1.5 h-3.5 w-28 @xl:hidden" />
              </Cell>
              <Cell>
                <Skeleton className="h-5.5 w-20 rounded-full" />
              </Cell>
              <Cell from="md">
                <Skeleton className="h-4 w-12" />
              </Cell>
              <Cell from="sm">
                <Skeleton className="ml-auto h-4 w-20" />
              </Cell>
              <Cell from="md">
                <Skeleton className="ml-auto h-4 w-6" />
              </Cell>
              <Cell from="lg">
                <Skeleton className="h-4 w-20" />
              </Cell>
              <Cell from="sm">
                <Skeleton className="ml-auto h-4 w-20" />
              </Cell>
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}
