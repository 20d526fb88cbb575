'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { ScrollTextIcon } from 'lucide-react';
import Link from 'next/link';
import type { Job } from '../../lib/api';
import { plural } from '../../lib/format';
import { unfinishedJobs } from '../../lib/job-filters';
import { hasPhases } from '../../lib/phases';
import { queries } from '../../lib/queries';
import { useNames } from '../common/people';
import { Prose } from '../common/prose';
import { JobStatusBadge } from '../common/status';
import { Duration, RelativeTime } from '../common/time';
import { CancelButton } from '../jobs/cancel-button';
import { JobTitle } from '../jobs/job-title';
import { PHASE_LABEL, waitingSentence } from '../jobs/job-words';
import { PhaseSteps } from '../jobs/phase-steps';
import { buttonVariants } from '../ui/button';
import { Progress } from '../ui/progress';

/** Everything that is still to happen to an environment, in the order in which it will. */
export function ChangeStack({ environmentId }: { environmentId: string }) {
  const [runningFilter, waitingFilter] = unfinishedJobs(environmentId);
  const runningQuery = useInfiniteQuery(queries.jobs(runningFilter));
  const query = useInfiniteQuery(queries.jobs(waitingFilter));
  const running = runningQuery.data?.pages.flatMap((page) => page.items) ?? [];
  // The list has the newest first; the oldest goes first.
  const waiting = (query.data?.pages.flatMap((page) => page.items) ?? []).toReversed();
  if (running.length + waiting.length === 0) return null;
  return (
    <section
      aria-label="Changes under way"
      className="overflow-hidden rounded-lg border bg-surface shadow-raised"
    >
      {running.map((job) => (
        <RunningChange key={job.id} job={job} />
      ))}
      {waiting.length > 0 ? (
        <ol aria-label="Waiting changes" className="divide-y not-first:border-t">
          {waiting.map((job, index) => (
            <WaitingChange key={job.id} job={job} place={index + 1} />
          ))}
        </ol>
      ) : null}
      {query.hasNextPage ? (
        <p className="border-t px-4 py-2 text-xs text-muted-foreground">
          Only the newest {plural(waiting.length, 'waiting change')} are shown;{' '}
          <Link
            href={`/jobs?environment=${environmentId}&status=pending,running`}
            className="text-primary hover:underline"
          >
            show all
          </Link>
          .
        </p>
      ) : null}
    </section>
  );
}

function RunningChange({ job }: { job: Job }) {
  const { progress } = job;
  return (
    <section aria-label="Running job" className="grid gap-3 px-4 py-3.5 not-first:border-t">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <div className="flex min-w-0 flex-1 basis-60 items-center gap-2.5">
          <JobStatusBadge status={job.status} />
          <p className="min-w-0 truncate font-semibold">
            <JobTitle job={job} />
          </p>
          <Duration
            from={job.started_at}
            to={job.finished_at}
            className="figures text-xs whitespace-nowrap text-muted-foreground"
          />
        </div>
        <div className="flex gap-2">
          <Link href={`/jobs/${job.id}`} className={buttonVariants({ size: 'sm' })}>
            <ScrollTextIcon /> Watch the log
          </Link>
          <CancelButton job={job} size="sm" isNamed />
        </div>
      </div>
      {hasPhases(job, [], {}) ? <PhaseSteps job={job} /> : null}
      {progress && progress.total !== null ? (
        <div className="flex items-center gap-3">
          <Progress
            done={progress.done}
            total={progress.total}
            label={PHASE_LABEL[progress.phase]}
            className="flex-1"
          />
          <span className="figures text-xs text-muted-foreground">
            {progress.done ?? 0} of {progress.total}
          </span>
        </div>
      ) : null}
    </section>
  );
}

function WaitingChange({ job, place }: { job: Job; place: number }) {
  const names = useNames();
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1.5 px-4 py-2">
      <span
        title={place === 1 ? 'Next' : `Number ${place} of those that wait`}
        className="figures grid h-5.5 min-w-5.5 place-items-center rounded-full bg-hover px-1.5 text-xs font-medium text-muted-foreground"
      >
        <span className="sr-only">Place </span>
        {place}
      </span>
      <div className="min-w-0 flex-1 basis-52">
        <Link
          href={`/jobs/${job.id}`}
          prefetch={false}
          className="block truncate rounded-sm font-medium hover:text-primary hover:underline"
        >
          <JobTitle job={job} />
        </Link>
        <p className="truncate text-xs text-muted-foreground">
          {names.user(job.requested_by)}, <RelativeTime at={job.created_at} /> ·{' '}
          <Prose text={waitingSentence(job.waiting_for)} />
        </p>
      </div>
      <CancelButton job={job} size="sm" isNamed />
    </li>
  );
}
