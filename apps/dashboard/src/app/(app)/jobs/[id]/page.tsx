import type { Metadata } from 'next';
import { JobPage } from '../../../../components/jobs/job-page';
import { requireUser, type SearchParams } from '../../../../server/user';

export const metadata: Metadata = { title: 'Job' };

interface RouteProps {
  params: Promise<{ id: string }>;
  searchParams: SearchParams;
}

export default async function JobRoute({ params, searchParams }: RouteProps) {
  const { id } = await params;
  await requireUser(`/jobs/${id}`, searchParams);
  return <JobPage id={id} />;
}
