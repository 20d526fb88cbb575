'use client';

import { isTerminal, type JobPhase } from '@darb/models';
import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { useRef, useSyncExternalStore } from 'react';
import type { Job } from '../../lib/api';
import { ApiProblem } from '../../lib/http';
import { queries } from '../../lib/queries';
import { useJobLog } from '../../live/live-provider';
import type { LogBuffer } from '../../live/log-buffer';
import { NotFound } from '../common/not-found';
import { Facts, Page, PageHeader } from '../common/page';
import { useNames } from '../common/people';
import { ErrorState } from '../common/states';
import { JobStatusBadge, jobStatusLabel } from '../common/status';
import { Duration, RelativeTime } from '../common/time';
import { useTitle } from '../common/use-title';
import type { LogHandle } from '../log/log-viewer';
import { Skeleton } from '../ui/skeleton';
import { CancelButton } from './cancel-button';
import { ErrorPanel } from './error-panel';
import { jobTitle } from './job-words';
import { PhaseSteps, type PhaseTime } from './phase-steps';
import { useEnvironmentNames } from './use-environment-names';

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

function Loaded({ job, log }: { job: Job; log: LogBuffer }) {
  useTitle(`${jobStatusLabel(job.status)}: ${jobTitle(job)}`);
  const viewer = useRef<LogHandle>(null);
  const times = usePhaseTimes(log, job);
  const goTo = (phase: JobPhase) => {
    const span = log.phases.findLast((entry) => entry.phase === phase);
    if (span) viewer.current?.showRow(span.row);
  };
  return (
    <Page className="flex h-[calc(100dvh-3.25rem)] max-w-7xl flex-col gap-5 pb-5 lg:h-dvh">
      <div className="grid shrink-0 gap-5">
        <PageHeader
          parent={PARENT}
          title={jobTitle(job)}
          aside={
            <span role="status">
              <JobStatusBadge status={job.status} />
            </span>
          }
          actions={<CancelButton job={job} />}
        />
        <Summary job={job} />
        <Outcome job={job} />
        {job.status === 'pending' ? null : <PhaseSteps job={job} times={times} onSelect={goTo} />}
      </div>
      <LogViewer ref={viewer} job={job} log={log} />
    </Page>
  );
}

function Summary({ job }: { job: Job }) {
  const names = useNames();
  const environmentName = useEnvironmentNames([job]);
  return (
    <Facts
      facts={[
        {
          label: 'Environment',
          value: (
            <Link
              href={`/environments/${job.environment_id}`}
              className="rounded-sm text-primary hover:underline"
            >
              {environmentName(job.environment_id)}
            </Link>
          ),
        },
        { label: 'Asked by', value: names.user(job.requested_by) },
        { label: 'Asked', value: <RelativeTime at={job.created_at} /> },
        { label: 'Took', value: <Duration from={job.started_at} to={job.finished_at} /> },
        ...(job.attempt > 1 ? [{ label: 'Attempt', value: `${job.attempt} of ${job.max_attempts}` }] : []),
        ...(typeof job.result?.['revision'] === 'number'
          ? [{ label: 'Made revision', value: job.result['revision'] }]
          : []),
      ]}
    />
  );
}

/** What there is to say before the log: why it failed, or what it waits for. */
function Outcome({ job }: { job: Job }) {
  if (job.status === 'failed' && job.error) {
    return <ErrorPanel heading="This job failed" error={job.error} />;
  }
  if (job.status === 'pending') {
    return (
      <p role="status" className="rounded-lg border bg-surface px-4 py-3 text-sm text-muted-foreground">
        {job.waiting_for ?? 'It waits for a worker.'}
      </p>
    );
  }
  return null;
}

/** Times of the phases of the latest attempt, as its log tells them. */
function usePhaseTimes(log: LogBuffer, job: Job): PhaseTime[] {
  useSyncExternalStore(
    log.subscribe,
    () => log.phases.length,
    () => 0,
  );
  const epoch = log.phases.at(-1)?.epoch;
  const spans = log.phases.filter((span) => span.epoch === epoch);
  return spans.map((span, index) => {
    const next = spans[index + 1]?.startedAt;
    const end = next ?? (isTerminal(job.status) ? (job.finished_at ?? span.lastAt) : null);
    return { phase: span.phase, startedAt: span.startedAt, endedAt: end };
  });
}
