import { notFound } from 'next/navigation';
import { requireUser } from '../../../server/user';

/** Every other address: not found, inside the frame, and after signing in like all pages. */
export default async function UnknownPage({ params }: { params: Promise<{ rest: string[] }> }) {
  const { rest } = await params;
  await requireUser(`/${rest.join('/')}`);
  notFound();
}
