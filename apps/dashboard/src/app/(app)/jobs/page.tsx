import type { Metadata } from 'next';
import { Suspense } from 'react';
import { JobList } from '../../../components/jobs/job-list';
import { jobFilters } from '../../../lib/job-filters';
import { jobsPage } from '../../../server/first-data';
import { Prefetched } from '../../../server/prefetched';
import { requireUser, type SearchParams } from '../../../server/user';

export const metadata: Metadata = { title: 'Jobs' };

export default async function JobsPage({ searchParams }: { searchParams: SearchParams }) {
  const user = await requireUser('/jobs', searchParams);
  return (
    <Prefetched data={jobsPage(user, jobFilters(await searchParams, user.id))}>
      <Suspense>
        <JobList />
      </Suspense>
    </Prefetched>
  );
}
