import type { Metadata } from 'next';
import { Suspense } from 'react';
import { JobPage } from '../../../../components/jobs/job-page';
import { requireUser } from '../../../../server/user';

export const metadata: Metadata = { title: 'Job' };

export default async function JobRoute({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  await requireUser(`/jobs/${id}`);
  return (
    <Suspense>
      <JobPage id={id} />
    </Suspense>
  );
}
