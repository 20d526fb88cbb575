'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { ListChecksIcon } from 'lucide-react';
import Link from 'next/link';
import { useSearchParams } from 'next/navigation';
import { jobFilters } from '../../lib/job-filters';
import { queries } from '../../lib/queries';
import { Page, PageHeader, Panel } from '../common/page';
import { EmptyState, ErrorState, LoadMore } from '../common/states';
import { useKeepLoaded } from '../common/use-keep-loaded';
import { usePerson } from '../shell/session-context';
import { Button, buttonVariants } from '../ui/button';
import { clearFilters, JobFilterBar } from './job-filter-bar';
import { JobTable, JobTableSkeleton } from './job-table';

export function JobList() {
  const person = usePerson();
  const parameters = useSearchParams();
  const filters = jobFilters(Object.fromEntries(parameters), person.id);
  const isFiltered = Object.keys(filters).length > 0;
  const query = useInfiniteQuery({ ...queries.jobs(filters), placeholderData: (previous) => previous });
  useKeepLoaded(query, 'jobs');
  const jobs = query.data?.pages.flatMap((page) => page.items) ?? [];

  return (
    <Page>
      <PageHeader title="Jobs" />
      <JobFilterBar filters={filters} isFiltered={isFiltered} />
      <Panel>
        {query.isPending ? (
          <JobTableSkeleton hasEnvironment />
        ) : query.isError && jobs.length === 0 ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : jobs.length > 0 ? (
          <div className={query.isPlaceholderData ? 'opacity-60 transition-opacity' : undefined}>
            <JobTable jobs={jobs} hasEnvironment />
            <LoadMore query={query} />
          </div>
        ) : isFiltered ? (
          <EmptyState
            icon={ListChecksIcon}
            title="No jobs match"
            action={<Button onClick={clearFilters}>Show all jobs</Button>}
          />
        ) : (
          <EmptyState
            icon={ListChecksIcon}
            title="No jobs yet"
            action={
              <Link href="/environments" className={buttonVariants({ variant: 'primary' })}>
                Go to environments
              </Link>
            }
          >
            Every change of an environment is a job. It appears here as soon as it is requested.
          </EmptyState>
        )}
      </Panel>
    </Page>
  );
}
