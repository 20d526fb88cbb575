'use client';

import { BanIcon, HourglassIcon, InfoIcon, type LucideIcon } from 'lucide-react';
import Link from 'next/link';
import type { ReactNode } from 'react';
import type { JobDetail } from '../../lib/api';
import { resultSentence } from '../../lib/job-result';
import { useNames } from '../common/people';
import { Prose } from '../common/prose';
import { RelativeTime } from '../common/time';
import { ErrorPanel } from './error-panel';
import { waitingSentence } from './job-words';
import { RetryActions } from './retry-actions';

/** What there is to say before everything else: why it failed, who cancelled it, or what it waits for. */
export function JobOutcome({ job }: { job: JobDetail }) {
  const names = useNames();
  const canceller =
    job.cancel_requested_by_name ?? (job.cancel_requested_by && names.user(job.cancel_requested_by));
  if (job.status === 'failed' && job.error) {
    return <ErrorPanel heading="This job failed" error={job.error} action={<RetryActions job={job} />} />;
  }
  if (job.status === 'cancelled') {
    return (
      <Note icon={BanIcon} action={<RetryActions job={job} />}>
        {canceller ? `Cancelled by ${canceller}` : <Prose text={job.error?.message ?? 'Cancelled'} />}
        {canceller && job.cancel_requested_at ? (
          <>
            {' '}
            <RelativeTime at={job.cancel_requested_at} />
          </>
        ) : null}
        {canceller ? '. ' : ' '}
        Nothing was changed.
      </Note>
    );
  }
  if (job.status === 'pending') {
    return (
      <Note icon={HourglassIcon}>
        <Prose text={waitingSentence(job.waiting_for)} />
        {job.waiting_for_job_id ? (
          <>
            {' '}
            <Link
              href={`/jobs/${job.waiting_for_job_id}`}
              className="rounded-sm text-primary hover:underline"
            >
              Show that change
            </Link>
          </>
        ) : null}
      </Note>
    );
  }
  if (job.cancel_requested_at !== null && job.status === 'running') {
    return (
      <Note icon={BanIcon}>
        {canceller ? `${canceller} asked this job to stop. ` : 'This job was asked to stop. '}
        It ends as soon as its tools have.
      </Note>
    );
  }
  const result = job.status === 'completed' && job.subject.type === 'store' ? resultSentence(job) : null;
  return result ? <Note icon={InfoIcon}>{result}</Note> : null;
}

function Note({
  icon: Icon,
  action,
  children,
}: {
  icon: LucideIcon;
  action?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg border bg-surface px-4 py-2.5 text-sm">
      <Icon className="size-4 shrink-0 text-muted-foreground" aria-hidden="true" />
      <p role="status" className="min-w-0 flex-1 basis-60">
        {children}
      </p>
      {action ? <div className="flex flex-wrap gap-2">{action}</div> : null}
    </div>
  );
}
