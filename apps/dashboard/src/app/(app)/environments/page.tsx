import type { Metadata } from 'next';
import { Suspense } from 'react';
import { EnvironmentList } from '../../../components/environments/environment-list';
import { requireUser, type SearchParams } from '../../../server/user';

export const metadata: Metadata = { title: 'Environments' };

export default async function EnvironmentsPage({ searchParams }: { searchParams: SearchParams }) {
  await requireUser('/environments', searchParams);
  return (
    <Suspense>
      <EnvironmentList />
    </Suspense>
  );
}
