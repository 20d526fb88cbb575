import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { Suspense } from 'react';
import { EnvironmentPage } from '../../../../components/environments/environment-page';
import { environmentPage, isId } from '../../../../server/first-data';
import { Prefetched } from '../../../../server/prefetched';
import { requireUser, type SearchParams } from '../../../../server/user';

export const metadata: Metadata = { title: 'Environment' };

interface RouteProps {
  params: Promise<{ id: string }>;
  searchParams: SearchParams;
}

export default async function EnvironmentRoute({ params, searchParams }: RouteProps) {
  const { id } = await params;
  const user = await requireUser(`/environments/${id}`, searchParams);
  if (!isId(id)) notFound();
  return (
    <Prefetched data={environmentPage(user, id)}>
      <Suspense>
        <EnvironmentPage id={id} />
      </Suspense>
    </Prefetched>
  );
}
