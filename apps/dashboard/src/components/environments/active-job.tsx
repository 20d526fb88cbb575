'use client';

import { isTerminal } from '@darb/models';
import { useQuery } from '@tanstack/react-query';
import { ScrollTextIcon } from 'lucide-react';
import Link from 'next/link';
import { queries } from '../../lib/queries';
import { JobStatusBadge } from '../common/status';
import { Duration } from '../common/time';
import { CancelButton } from '../jobs/cancel-button';
import { jobTitle, PHASE_LABEL } from '../jobs/job-words';
import { PhaseSteps } from '../jobs/phase-steps';
import { buttonVariants } from '../ui/button';
import { Progress } from '../ui/progress';
import { Skeleton } from '../ui/skeleton';

/** The change that runs, or the next one that will. */
export function ActiveJob({ jobId }: { jobId: string }) {
  const { data: job } = useQuery(queries.job(jobId));
  if (!job) return <Skeleton className="h-28 rounded-lg" />;
  if (isTerminal(job.status)) return null;
  const { progress } = job;
  return (
    <section
      aria-label="Running job"
      className="grid gap-3.5 rounded-lg border bg-surface px-4 py-3.5 shadow-raised"
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <div className="flex min-w-0 flex-1 basis-60 items-center gap-2.5">
          <JobStatusBadge status={job.status} />
          <p className="min-w-0 truncate font-semibold">{jobTitle(job)}</p>
          <Duration
            from={job.started_at}
            to={job.finished_at}
            className="figures text-xs text-muted-foreground"
          />
        </div>
        <div className="flex gap-2">
          <Link href={`/jobs/${job.id}`} className={buttonVariants({ size: 'sm' })}>
            <ScrollTextIcon /> Watch the log
          </Link>
          <CancelButton job={job} size="sm" />
        </div>
      </div>
      {job.status === 'pending' ? (
        <p className="text-sm text-muted-foreground">{job.waiting_for ?? 'It waits for a worker.'}</p>
      ) : (
        <>
          <PhaseSteps job={job} />
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
        </>
      )}
    </section>
  );
}
