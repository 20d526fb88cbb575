import type { Metadata } from 'next';
import { Suspense } from 'react';
import { EnvironmentPage } from '../../../../components/environments/environment-page';
import { requireUser, type SearchParams } from '../../../../server/user';

export const metadata: Metadata = { title: 'Environment' };

interface RouteProps {
  params: Promise<{ id: string }>;
  searchParams: SearchParams;
}

export default async function EnvironmentRoute({ params, searchParams }: RouteProps) {
  const { id } = await params;
  await requireUser(`/environments/${id}`, searchParams);
  return (
    <Suspense>
      <EnvironmentPage id={id} />
    </Suspense>
  );
}
