'use client';

import { isTerminal } from '@darb/models';
import { useInfiniteQuery } from '@tanstack/react-query';
import Link from 'next/link';
import type { Job } from '../../lib/api';
import { resultSentence } from '../../lib/job-result';
import { queries } from '../../lib/queries';
import { JobStatusBadge } from '../common/status';
import { RelativeTime } from '../common/time';
import { CancelButton } from '../jobs/cancel-button';
import { JobTitle } from '../jobs/job-title';
import { waitingSentence } from '../jobs/job-words';

const SHOWN = 3;
const TYPES = ['collect', 'verify', 'repair'] as const;

/** The latest work on a store, and what it came to. */
export function StoreJobs({ storeId }: { storeId: string }) {
  const lists = [
    useInfiniteQuery(queries.jobs({ type: TYPES[0] })),
    useInfiniteQuery(queries.jobs({ type: TYPES[1] })),
    useInfiniteQuery(queries.jobs({ type: TYPES[2] })),
  ];
  const jobs = lists
    .flatMap((list) => list.data?.pages[0]?.items ?? [])
    .filter(({ subject }) => subject.id === storeId)
    .toSorted((a, b) => (a.id < b.id ? 1 : -1))
    .slice(0, SHOWN);
  if (jobs.length === 0) return null;
  return (
    <ul aria-label="Latest work on this store" className="-mx-4 -mb-4 divide-y border-t">
      {jobs.map((job) => (
        <li key={job.id} className="flex flex-wrap items-center gap-x-3 gap-y-1.5 px-4 py-2 text-sm">
          <JobStatusBadge status={job.status} />
          <div className="min-w-0 flex-1 basis-52">
            <Link
              href={`/jobs/${job.id}`}
              prefetch={false}
              className="rounded-sm font-medium hover:text-primary hover:underline"
            >
              <JobTitle job={job} />
            </Link>
            <p className="text-xs text-muted-foreground">{noteOf(job)}</p>
          </div>
          <RelativeTime at={job.created_at} className="text-xs text-muted-foreground" />
          {isTerminal(job.status) ? null : <CancelButton job={job} size="sm" isNamed />}
        </li>
      ))}
    </ul>
  );
}

function noteOf(job: Job): string | null {
  if (job.status === 'failed') return job.error?.message ?? null;
  if (job.status === 'pending') return waitingSentence(job.waiting_for);
  return job.status === 'completed' ? resultSentence(job) : null;
}
