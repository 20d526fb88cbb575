import type { Metadata } from 'next';
import { Suspense } from 'react';
import { EnvironmentList } from '../../../components/environments/environment-list';
import { requireUser } from '../../../server/user';

export const metadata: Metadata = { title: 'Environments' };

export default async function EnvironmentsPage() {
  await requireUser('/environments');
  return (
    <Suspense>
      <EnvironmentList />
    </Suspense>
  );
}
