'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import type { ReactNode } from 'react';
import type { Queue } from '../../lib/api';
import { formatDuration, plural } from '../../lib/format';
import { queries } from '../../lib/queries';
import { Panel } from '../common/page';
import { Prose } from '../common/prose';
import { ErrorState } from '../common/states';
import { waitingSentence } from '../jobs/job-words';
import { Progress } from '../ui/progress';
import { Skeleton } from '../ui/skeleton';

/** How much there is to do, how much is being done, and what everything else waits for. */
export function QueueSummary({ refreshMs }: { refreshMs: number }) {
  const query = useQuery({ ...queries.queue(), refetchInterval: refreshMs });
  const queue = query.data;
  if (!queue) {
    return query.isError ? (
      <Panel className="mt-5">
        <ErrorState error={query.error} onRetry={() => void query.refetch()} className="py-8" />
      </Panel>
    ) : (
      <Skeleton className="mt-5 h-24 rounded-lg" />
    );
  }
  return (
    <Panel className="mt-5">
      <dl className="grid grid-cols-2 gap-px bg-border sm:grid-cols-4">
        <Figure label="Waiting" href="/jobs?status=pending">
          {queue.pending.toLocaleString('en')}
        </Figure>
        <Figure label="Running" href="/jobs?status=running">
          {queue.running.toLocaleString('en')}
        </Figure>
        <Figure label="Slots in use">
          {queue.slots_used}{' '}
          <span className="text-base font-normal text-muted-foreground">of {queue.slots}</span>
          <Progress
            done={queue.slots === 0 ? 0 : queue.slots_used}
            total={Math.max(1, queue.slots)}
            label="Slots in use"
            className="mt-1.5 max-w-32"
          />
        </Figure>
        <Figure label="Longest wait">
          {queue.oldest_pending_seconds === null ? '–' : formatDuration(queue.oldest_pending_seconds * 1000)}
        </Figure>
      </dl>
      {queue.waiting.length > 0 ? <Reasons waiting={queue.waiting} /> : null}
    </Panel>
  );
}

function Reasons({ waiting }: { waiting: Queue['waiting'] }) {
  return (
    <ul aria-label="What jobs wait for" className="divide-y border-t">
      {waiting.map(({ jobs, waiting_for: reason }) => (
        <li key={reason ?? ''} className="flex gap-3 px-4 py-2 text-sm">
          <span className="figures w-16 shrink-0 text-right font-medium">{plural(jobs, 'job')}</span>
          <span className="min-w-0 text-muted-foreground">
            <Prose text={reason === null ? 'Next to be given to a worker.' : waitingSentence(reason)} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function Figure({ label, href, children }: { label: string; href?: string; children: ReactNode }) {
  return (
    <div className="bg-surface px-4 py-3">
      <dt className="label">{label}</dt>
      <dd className="figures mt-0.5 text-xl font-semibold">
        {href ? (
          <Link href={href} prefetch={false} className="rounded-sm hover:text-primary hover:underline">
            {children}
          </Link>
        ) : (
          children
        )}
      </dd>
    </div>
  );
}
