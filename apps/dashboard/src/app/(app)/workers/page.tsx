import type { Metadata } from 'next';
import { WorkersPage } from '../../../components/workers/workers-page';
import { workersPage } from '../../../server/first-data';
import { Prefetched } from '../../../server/prefetched';
import { requireUser } from '../../../server/user';

export const metadata: Metadata = { title: 'Workers' };

export default async function WorkersRoute() {
  const user = await requireUser('/workers');
  return (
    <Prefetched data={workersPage(user)}>
      <WorkersPage />
    </Prefetched>
  );
}
