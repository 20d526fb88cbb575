import type { Metadata } from 'next';
import { Suspense } from 'react';
import { EnvironmentPage } from '../../../../components/environments/environment-page';
import { requireUser } from '../../../../server/user';

export const metadata: Metadata = { title: 'Environment' };

export default async function EnvironmentRoute({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  await requireUser(`/environments/${id}`);
  return (
    <Suspense>
      <EnvironmentPage id={id} />
    </Suspense>
  );
}
