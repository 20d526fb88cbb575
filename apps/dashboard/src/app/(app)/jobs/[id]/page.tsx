import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { JobPage } from '../../../../components/jobs/job-page';
import { isId, jobPage } from '../../../../server/first-data';
import { Prefetched } from '../../../../server/prefetched';
import { requireUser, type SearchParams } from '../../../../server/user';

export const metadata: Metadata = { title: 'Job' };

interface RouteProps {
  params: Promise<{ id: string }>;
  searchParams: SearchParams;
}

export default async function JobRoute({ params, searchParams }: RouteProps) {
  const { id } = await params;
  const user = await requireUser(`/jobs/${id}`, searchParams);
  if (!isId(id)) notFound();
  return (
    <Prefetched data={jobPage(user, id)}>
      <JobPage id={id} />
    </Prefetched>
  );
}
