import type { Metadata } from 'next';
import { Suspense } from 'react';
import { JobList } from '../../../components/jobs/job-list';
import { requireUser, type SearchParams } from '../../../server/user';

export const metadata: Metadata = { title: 'Jobs' };

export default async function JobsPage({ searchParams }: { searchParams: SearchParams }) {
  await requireUser('/jobs', searchParams);
  return (
    <Suspense>
      <JobList />
    </Suspense>
  );
}
