'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useRef } from 'react';
import type { Job } from '../../lib/api';
import { shortId } from '../../lib/format';
import { queries } from '../../lib/queries';
import { Prose } from '../common/prose';
import { useNames } from '../common/people';
import { JobStatusBadge } from '../common/status';
import { Cell, HeadCell, Row, ROW_LINK, Table } from '../common/table';
import { Duration, RelativeTime } from '../common/time';
import { useRowKeys } from '../common/use-row-keys';
import { Skeleton } from '../ui/skeleton';
import { JobTitle } from './job-title';
import { waitingSentence } from './job-words';

interface JobTableProps {
  jobs: readonly Job[];
  /** Left out on an environment's own page. */
  hasEnvironment?: boolean;
}

/** Fixed columns: a long spec or name is cut in its own, and takes nothing from the others. */
const LAYOUT = 'table-fixed';

export function JobTable({ jobs, hasEnvironment = false }: JobTableProps) {
  const body = useRef<HTMLTableSectionElement>(null);
  useRowKeys(body);
  return (
    <Table className={LAYOUT}>
      <Head hasEnvironment={hasEnvironment} />
      <tbody ref={body}>
        {jobs.map((job) => (
          <JobRow key={job.id} job={job} hasEnvironment={hasEnvironment} />
        ))}
      </tbody>
    </Table>
  );
}

function JobRow({ job, hasEnvironment }: { job: Job; hasEnvironment: boolean }) {
  const names = useNames();
  const note = noteOf(job);
  return (
    <Row>
      <Cell>
        <Link
          href={`/jobs/${job.id}`}
          prefetch={false}
          className={`${ROW_LINK} block truncate font-semibold`}
        >
          <JobTitle job={job} />
        </Link>
        {note ? (
          <p className="truncate text-xs text-muted-foreground" title={note}>
            <Prose text={note} />
          </p>
        ) : null}
        <p className="truncate text-xs text-muted-foreground @3xl:hidden">
          {hasEnvironment && job.environment_name !== null ? (
            <span className="@xl:hidden">{job.environment_name} · </span>
          ) : null}
          <RelativeTime at={job.created_at} />
        </p>
      </Cell>
      <Cell>
        <JobStatusBadge status={job.status} />
      </Cell>
      {hasEnvironment ? (
        <Cell from="sm" className="truncate">
          <SubjectLink job={job} />
        </Cell>
      ) : null}
      <Cell from="lg" className="truncate">
        {names.user(job.requested_by)}
      </Cell>
      <Cell from="lg" align="right" className="whitespace-nowrap">
        <Duration from={job.started_at} to={job.finished_at} />
      </Cell>
      <Cell from="md" align="right" className="text-xs whitespace-nowrap text-muted-foreground">
        <RelativeTime at={job.created_at} />
      </Cell>
    </Row>
  );
}

/** What the job is about. A deleted environment keeps its name here, and leads to nothing. */
export function SubjectLink({ job }: { job: Job }) {
  const id = job.environment_id ?? '';
  // Only from a service whose jobs do not carry the name yet.
  const environment = useQuery({
    ...queries.environment(id),
    enabled: job.environment_name === null && id !== '',
    retry: false,
  });
  const name = job.environment_name ?? environment.data?.name ?? shortId(id);
  const className = 'relative z-10 rounded-sm hover:text-primary hover:underline';
  if (job.subject.type === 'store') {
    return (
      <Link href="/storage" prefetch={false} className={className}>
        Storage
      </Link>
    );
  }
  if (job.type === 'delete' && job.status === 'completed') return <span>{name}</span>;
  return (
    <Link href={`/environments/${id}`} prefetch={false} className={className}>
      {name}
    </Link>
  );
}

function noteOf(job: Job): string | null {
  if (job.status === 'failed') return job.error?.message ?? null;
  return job.status === 'pending' ? waitingSentence(job.waiting_for) : null;
}

function Head({ hasEnvironment }: { hasEnvironment: boolean }) {
  return (
    <thead>
      <tr>
        <HeadCell>Job</HeadCell>
        <HeadCell className="w-31">Status</HeadCell>
        {hasEnvironment ? (
          <HeadCell from="sm" className="w-[20%]">
            Environment
          </HeadCell>
        ) : null}
        <HeadCell from="lg" className="w-36">
          Requested by
        </HeadCell>
        <HeadCell from="lg" align="right" className="w-28">
          Duration
        </HeadCell>
        <HeadCell from="md" align="right" className="w-32">
          Requested
        </HeadCell>
      </tr>
    </thead>
  );
}

export function JobTableSkeleton({ hasEnvironment = false }: { hasEnvironment?: boolean }) {
  return (
    <div role="status" aria-label="Loading jobs">
      <Table className={LAYOUT}>
        <Head hasEnvironment={hasEnvironment} />
        <tbody>
          {Array.from({ length: 8 }, (_, index) => (
            <tr key={index} className="border-b last:border-b-0">
              <Cell>
                <Skeleton className="my-0.5 h-4 w-2/3" />
              </Cell>
              <Cell>
                <Skeleton className="h-5.5 w-24 rounded-full" />
              </Cell>
              {hasEnvironment ? (
                <Cell from="sm">
                  <Skeleton className="h-4 w-24" />
                </Cell>
              ) : null}
              <Cell from="lg">
                <Skeleton className="h-4 w-16" />
              </Cell>
              <Cell from="lg">
                <Skeleton className="ml-auto h-4 w-12" />
              </Cell>
              <Cell from="md">
                <Skeleton className="ml-auto h-4 w-20" />
              </Cell>
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}
