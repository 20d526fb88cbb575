'use client';

import Link from 'next/link';
import type { Job } from '../../lib/api';
import { useNames } from '../common/people';
import { JobStatusBadge } from '../common/status';
import { Cell, HeadCell, Row, ROW_LINK, Table } from '../common/table';
import { Duration, RelativeTime } from '../common/time';
import { Skeleton } from '../ui/skeleton';
import { jobTitle } from './job-words';

interface JobTableProps {
  jobs: readonly Job[];
  /** Names of environments by id; left out on an environment's own page. */
  environmentName?: (id: string) => string;
}

export function JobTable({ jobs, environmentName }: JobTableProps) {
  const names = useNames();
  return (
    <Table>
      <Head hasEnvironment={environmentName !== undefined} />
      <tbody>
        {jobs.map((job) => (
          <Row key={job.id}>
            <Cell className="max-w-0 sm:w-auto">
              <Link href={`/jobs/${job.id}`} className={`${ROW_LINK} block truncate font-semibold`}>
                {jobTitle(job)}
              </Link>
              <p className="truncate text-xs text-muted-foreground">
                {job.error && job.status === 'failed' ? (
                  job.error.message
                ) : job.status === 'pending' && job.waiting_for ? (
                  `Waiting: ${job.waiting_for}`
                ) : (
                  <span className="sm:hidden">
                    {environmentName ? `${environmentName(job.environment_id)} · ` : ''}
                    <RelativeTime at={job.created_at} />
                  </span>
                )}
              </p>
            </Cell>
            <Cell className="max-sm:w-px">
              <JobStatusBadge status={job.status} />
            </Cell>
            {environmentName ? (
              <Cell from="sm" className="max-w-44 truncate">
                <Link
                  href={`/environments/${job.environment_id}`}
                  className="relative z-10 rounded-sm hover:text-primary hover:underline"
                >
                  {environmentName(job.environment_id)}
                </Link>
              </Cell>
            ) : null}
            <Cell from="md" className="max-w-36 truncate">
              {names.user(job.requested_by)}
            </Cell>
            <Cell from="sm" align="right" className="whitespace-nowrap">
              <Duration from={job.started_at} to={job.finished_at} />
            </Cell>
            <Cell from="sm" align="right" className="text-xs whitespace-nowrap text-muted-foreground">
              <RelativeTime at={job.created_at} />
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

function Head({ hasEnvironment }: { hasEnvironment: boolean }) {
  return (
    <thead>
      <tr>
        <HeadCell>Job</HeadCell>
        <HeadCell className="sm:w-32">Status</HeadCell>
        {hasEnvironment ? (
          <HeadCell from="sm" className="w-44">
            Environment
          </HeadCell>
        ) : null}
        <HeadCell from="md" className="w-36">
          Asked by
        </HeadCell>
        <HeadCell from="sm" align="right" className="w-24">
          Took
        </HeadCell>
        <HeadCell from="sm" align="right" className="w-32">
          Asked
        </HeadCell>
      </tr>
    </thead>
  );
}

export function JobTableSkeleton({ hasEnvironment = false }: { hasEnvironment?: boolean }) {
  return (
    <div role="status" aria-label="Loading jobs">
      <Table>
        <Head hasEnvironment={hasEnvironment} />
        <tbody>
          {Array.from({ length: 5 }, (_, index) => (
            <tr key={index} className="border-b last:border-b-0">
              <Cell>
                <Skeleton className="my-0.5 h-4 w-44" />
                <Skeleton className="mt-1 h-3.5 w-28" />
              </Cell>
              <Cell>
                <Skeleton className="h-5.5 w-24 rounded-full" />
              </Cell>
              {hasEnvironment ? (
                <Cell from="sm">
                  <Skeleton className="h-4 w-24" />
                </Cell>
              ) : null}
              <Cell from="md">
                <Skeleton className="h-4 w-16" />
              </Cell>
              <Cell from="sm">
                <Skeleton className="ml-auto h-4 w-12" />
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
