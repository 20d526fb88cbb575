import type { Metadata } from 'next';
import { Suspense } from 'react';
import { EnvironmentList } from '../../../components/environments/environment-list';
import { environmentsPage } from '../../../server/first-data';
import { Prefetched } from '../../../server/prefetched';
import { requireUser, type SearchParams } from '../../../server/user';

export const metadata: Metadata = { title: 'Environments' };

export default async function EnvironmentsPage({ searchParams }: { searchParams: SearchParams }) {
  const user = await requireUser('/environments', searchParams);
  const { q } = await searchParams;
  return (
    <Prefetched data={environmentsPage(user, typeof q === 'string' ? q : '')}>
      <Suspense>
        <EnvironmentList />
      </Suspense>
    </Prefetched>
  );
}
