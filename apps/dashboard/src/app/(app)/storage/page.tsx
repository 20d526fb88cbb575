import type { Metadata } from 'next';
import { StoragePage } from '../../../components/storage/storage-page';
import { storagePage } from '../../../server/first-data';
import { Prefetched } from '../../../server/prefetched';
import { requireUser } from '../../../server/user';

export const metadata: Metadata = { title: 'Storage' };

export default async function StorageRoute() {
  const user = await requireUser('/storage');
  return (
    <Prefetched data={storagePage(user)}>
      <StoragePage />
    </Prefetched>
  );
}
