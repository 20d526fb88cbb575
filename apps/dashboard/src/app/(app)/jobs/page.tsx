import type { Metadata } from 'next';
import { Suspense } from 'react';
import { JobList } from '../../../components/jobs/job-list';
import { requireUser } from '../../../server/user';

export const metadata: Metadata = { title: 'Jobs' };

export default async function JobsPage() {
  await requireUser('/jobs');
  return (
    <Suspense>
      <JobList />
    </Suspense>
  );
}
