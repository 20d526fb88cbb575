'use client';

import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useRef } from 'react';
import type { JobDetail } from '../../lib/api';
import { ApiProblem } from '../../lib/http';
import { hasPhases } from '../../lib/phases';
import { queries } from '../../lib/queries';
import { useJobLog } from '../../live/live-provider';
import type { LogBuffer } from '../../live/log-buffer';
import { rowAt } from '../../live/log-place';
import { NotFound } from '../common/not-found';
import { Page, PageHeader } from '../common/page';
import { ErrorState } from '../common/states';
import { JobStatusBadge, jobStatusLabel } from '../common/status';
import { useTitle } from '../common/use-title';
import type { LogHandle } from '../log/log-viewer';
import { Skeleton } from '../ui/skeleton';
import { Attempts } from './attempts';
import { CancelButton } from './cancel-button';
import { JobOutcome } from './job-outcome';
import { JobSummary } from './job-summary';
import { JobTitle } from './job-title';
import { jobTitle } from './job-words';
import { PhaseSteps } from './phase-steps';
import { usePhaseTimes } from './use-phase-times';

// The viewer brings its virtual list and colours with it: only who opens a job loads them.
const LogViewer = dynamic(() => import('../log/log-viewer').then((module) => module.LogViewer), {
  ssr: false,
  loading: () => <Skeleton className="min-h-104 flex-1 rounded-lg" />,
});

const PARENT = { href: '/jobs', label: 'Jobs' };

export function JobPage({ id }: { id: string }) {
  // Followed from the start, not when the job is loaded: so the tab's one stream need not connect twice.
  const log = useJobLog(id);
  const query = useQuery(queries.job(id));
  if (query.data) return <Loaded key={id} job={query.data} log={log} />;
  if (query.error instanceof ApiProblem && query.error.status === 404) return <NotFound what="job" />;
  return (
    <Page>
      {query.isError ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <div role="status" aria-label="Loading job">
          <PageHeader parent={PARENT} title={<Skeleton className="my-1 h-5 w-64" />} />
          <Skeleton className="mt-6 h-10 w-full max-w-xl" />
          <Skeleton className="mt-8 h-96 w-full rounded-lg" />
        </div>
      )}
    </Page>
  );
}

function Loaded({ job, log }: { job: JobDetail; log: LogBuffer }) {
  useTitle(`${jobStatusLabel(job.status)}: ${jobTitle(job)}`);
  const viewer = useRef<LogHandle>(null);
  const times = usePhaseTimes(log, job);
  const timings = job.attempts.at(-1)?.timings ?? {};
  const show = (row: number | undefined) => {
    if (row !== undefined && row >= 0) viewer.current?.showRow(row);
  };
  return (
    <Page className="flex min-h-[calc(100dvh-3.25rem)] flex-col gap-5 pb-5 lg:min-h-dvh">
      <div className="grid shrink-0 gap-5">
        <PageHeader
          parent={PARENT}
          title={<JobTitle job={job} />}
          aside={
            <span role="status">
              <JobStatusBadge status={job.status} />
            </span>
          }
          actions={<CancelButton job={job} />}
        />
        <JobOutcome job={job} />
        <JobSummary job={job} />
        {job.status !== 'pending' && hasPhases(job, times, timings) ? (
          <PhaseSteps
            job={job}
            times={times}
            timings={timings}
            onSelect={(phase) => show(log.phases.findLast((entry) => entry.phase === phase)?.row)}
          />
        ) : null}
        {job.attempts.length > 1 ? (
          <Attempts attempts={job.attempts} onSelect={(epoch) => show(rowAt(log.rows, { epoch, seq: 1 }))} />
        ) : null}
      </div>
      <LogViewer ref={viewer} job={job} log={log} />
    </Page>
  );
}
