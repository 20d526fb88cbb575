'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { ListChecksIcon } from 'lucide-react';
import { queries } from '../../lib/queries';
import { Panel } from '../common/page';
import { EmptyState, ErrorState, LoadMore } from '../common/states';
import { JobTable, JobTableSkeleton } from '../jobs/job-table';

export function EnvironmentJobs({ environmentId }: { environmentId: string }) {
  const query = useInfiniteQuery(queries.jobs({ environment_id: environmentId }));
  const jobs = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Panel>
      {query.isPending ? (
        <JobTableSkeleton />
      ) : query.isError && jobs.length === 0 ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : jobs.length === 0 ? (
        <EmptyState icon={ListChecksIcon} title="No jobs yet" />
      ) : (
        <>
          <JobTable jobs={jobs} />
          <LoadMore query={query} />
        </>
      )}
    </Panel>
  );
}
