'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { HistoryIcon } from 'lucide-react';
import Link from 'next/link';
import type { Environment } from '../../lib/api';
import { formatBytes } from '../../lib/format';
import { queries } from '../../lib/queries';
import { Panel } from '../common/page';
import { useNames } from '../common/people';
import { EmptyState, ErrorState, LoadMore } from '../common/states';
import { Cell, HeadCell, Row, ROW_LINK, Table } from '../common/table';
import { RelativeTime } from '../common/time';
import { JobTitle } from '../jobs/job-title';
import { Badge } from '../ui/badge';
import { Skeleton } from '../ui/skeleton';

export function RevisionsTab({ environment }: { environment: Environment }) {
  const query = useInfiniteQuery(queries.revisions(environment.id));
  const names = useNames();
  const revisions = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Panel>
      {query.isPending ? (
        <div role="status" aria-label="Loading revisions" className="grid gap-4 p-4">
          <Skeleton className="h-5 w-1/2" />
          <Skeleton className="h-5 w-2/3" />
          <Skeleton className="h-5 w-1/3" />
        </div>
      ) : query.isError && revisions.length === 0 ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : revisions.length === 0 ? (
        <EmptyState icon={HistoryIcon} title="No revisions yet">
          Each successful change creates one, which never changes again.
        </EmptyState>
      ) : (
        <>
          <Table>
            <thead>
              <tr>
                <HeadCell className="w-20">Revision</HeadCell>
                <HeadCell>Change</HeadCell>
                <HeadCell from="md" className="w-24">
                  Python
                </HeadCell>
                <HeadCell from="sm" align="right" className="w-36">
                  Packages
                </HeadCell>
                <HeadCell from="lg" className="w-36">
                  By
                </HeadCell>
                <HeadCell align="right" className="w-28 sm:w-32">
                  Created
                </HeadCell>
              </tr>
            </thead>
            <tbody>
              {revisions.map((revision) => (
                <Row key={revision.number}>
                  <Cell className="figures font-semibold">{revision.number}</Cell>
                  <Cell className="max-w-0">
                    <span className="flex items-center gap-2">
                      <Link
                        href={`/jobs/${revision.job_id}`}
                        prefetch={false}
                        className={`${ROW_LINK} truncate`}
                      >
                        <JobTitle job={{ type: revision.reason, packages: revision.packages }} />
                      </Link>
                      {revision.current ? <Badge tone="primary">Current</Badge> : null}
                    </span>
                  </Cell>
                  <Cell from="md" className="font-mono text-xs">
                    {revision.python_version ?? '–'}
                  </Cell>
                  <Cell from="sm" align="right" className="whitespace-nowrap">
                    {revision.package_count}
                    <span className="ml-2 text-xs text-muted-foreground">
                      {formatBytes(revision.size_bytes)}
                    </span>
                  </Cell>
                  <Cell from="lg" className="max-w-36 truncate">
                    {names.user(revision.created_by)}
                  </Cell>
                  <Cell align="right" className="text-xs whitespace-nowrap text-muted-foreground">
                    <RelativeTime at={revision.created_at} />
                  </Cell>
                </Row>
              ))}
            </tbody>
          </Table>
          <LoadMore query={query} />
        </>
      )}
    </Panel>
  );
}
