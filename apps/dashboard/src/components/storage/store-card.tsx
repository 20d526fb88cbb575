'use client';

import { HardDriveIcon } from 'lucide-react';
import Link from 'next/link';
import type { StoreStorage } from '../../lib/api';
import { formatBytes, plural } from '../../lib/format';
import { collectionOf } from '../../lib/job-result';
import { Facts } from '../common/page';
import { RelativeTime } from '../common/time';
import { usePerson } from '../shell/session-context';
import { StoreActions } from './store-actions';
import { StoreJobs } from './store-jobs';

/** One folder of trees: what is in it, what could go, and what was done about it last. */
export function StoreCard({ store }: { store: StoreStorage }) {
  const person = usePerson();
  const headingId = `store-${store.id}`;
  return (
    <section
      aria-labelledby={headingId}
      className="grid gap-4 rounded-lg border bg-surface p-4 shadow-raised"
    >
      <div className="flex flex-wrap items-start gap-x-4 gap-y-3">
        <div className="flex min-w-0 flex-1 basis-64 gap-2.5">
          <HardDriveIcon className="mt-1 size-4 shrink-0 text-muted-foreground" aria-hidden="true" />
          <div className="min-w-0">
            <h2 id={headingId} className="font-mono text-sm leading-6 font-semibold break-all">
              {store.root}
            </h2>
            <p className="text-xs text-muted-foreground">
              {store.live_workers === 0
                ? 'No worker of this store is connected; nothing can be collected or verified.'
                : `Used by ${plural(store.live_workers, 'worker')}`}
            </p>
          </div>
        </div>
        {person.role === 'admin' ? <StoreActions store={store} /> : null}
      </div>
      <Space store={store} />
      <Facts
        facts={[
          { label: 'Trees', value: amount(store.trees) },
          { label: 'Damaged', value: store.damaged.count === 0 ? 'None' : amount(store.damaged) },
          {
            label: 'A collection would delete',
            value: store.collectable.count === 0 ? 'Nothing' : amount(store.collectable),
          },
          {
            label: 'Last verified',
            value: store.verified_at === null ? 'Never' : <RelativeTime at={store.verified_at} />,
          },
        ]}
      />
      <LastCollection store={store} />
      <StoreJobs storeId={store.id} />
    </section>
  );
}

function amount({ count, bytes }: { count: number; bytes: number }): string {
  return `${count.toLocaleString('en')} (${formatBytes(bytes)})`;
}

/** Trees against everything else on the same disk, and what is free. */
function Space({ store }: { store: StoreStorage }) {
  const { free_bytes: free, total_bytes: total } = store;
  if (free === null || total === null || total <= 0) return null;
  const used = total - free;
  // Trees share files, and their sizes are counted in full: their sum may be more than the disk has used.
  const trees = Math.min(store.trees.bytes, used);
  const percent = (bytes: number) => `${(bytes / total) * 100}%`;
  return (
    <div className="grid gap-1.5">
      <div
        role="img"
        aria-label={`${formatBytes(used)} of ${formatBytes(total)} used, ${formatBytes(trees)} of it by trees`}
        className="flex h-2 overflow-hidden rounded-full bg-hover"
      >
        <span className="bg-primary" style={{ width: percent(trees) }} />
        <span className="bg-border-strong" style={{ width: percent(used - trees) }} />
      </div>
      <p className="figures flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted-foreground">
        <Legend className="bg-primary">Trees {formatBytes(store.trees.bytes)}</Legend>
        <Legend className="bg-border-strong">Other files {formatBytes(used - trees)}</Legend>
        <Legend className="bg-hover ring-1 ring-border-strong">
          Free {formatBytes(free)} of {formatBytes(total)}
        </Legend>
      </p>
    </div>
  );
}

function Legend({ className, children }: { className: string; children: React.ReactNode }) {
  return (
    <span className="inline-flex items-center gap-1.5">
      <span aria-hidden="true" className={`size-2 rounded-full ${className}`} />
      <span>{children}</span>
    </span>
  );
}

function LastCollection({ store }: { store: StoreStorage }) {
  const last = store.last_collection;
  if (last === null) return <p className="text-sm text-muted-foreground">Nothing was collected here yet.</p>;
  return (
    <p className="text-sm text-muted-foreground">
      Last collection <RelativeTime at={last.finished_at} />:{' '}
      {last.result ? collectionOf(last.result) : 'no result.'}{' '}
      <Link
        href={`/jobs/${last.job_id}`}
        prefetch={false}
        className="rounded-sm text-primary hover:underline"
      >
        Show its log
      </Link>
    </p>
  );
}
