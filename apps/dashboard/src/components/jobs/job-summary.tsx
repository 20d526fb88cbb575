'use client';

import Link from 'next/link';
import type { JobDetail } from '../../lib/api';
import { Facts, type Fact } from '../common/page';
import { useNames } from '../common/people';
import { Duration, RelativeTime } from '../common/time';
import { SubjectLink } from './job-table';

/** The facts of a job; only those that there are. */
export function JobSummary({ job }: { job: JobDetail }) {
  const names = useNames();
  const isEnvironment = job.subject.type === 'environment';
  const worker = job.attempts.at(-1)?.worker;
  const revision = job.result?.['revision'];
  const facts: (Fact | null)[] = [
    {
      label: isEnvironment ? 'Environment' : 'Subject',
      value: (
        <span className="text-primary">
          <SubjectLink job={job} />
        </span>
      ),
    },
    { label: 'Requested by', value: job.requested_by_name ?? names.user(job.requested_by) },
    { label: 'Requested', value: <RelativeTime at={job.created_at} /> },
    job.started_at === null
      ? null
      : { label: 'Duration', value: <Duration from={job.started_at} to={job.finished_at} /> },
    worker ? { label: 'Worker', value: <span className="font-mono text-xs">{worker}</span> } : null,
    job.attempt > 1 ? { label: 'Attempt', value: `${job.attempt} of ${job.max_attempts}` } : null,
    typeof revision === 'number' ? { label: 'Created revision', value: revision } : null,
    job.retry_of === null
      ? null
      : {
          label: 'Retry of',
          value: (
            <Link href={`/jobs/${job.retry_of}`} className="rounded-sm text-primary hover:underline">
              the job before
            </Link>
          ),
        },
  ];
  return <Facts facts={facts.filter((fact) => fact !== null)} />;
}
