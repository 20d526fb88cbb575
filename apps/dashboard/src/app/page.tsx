import { redirect } from 'next/navigation';
import { HOME } from '../server/return-path';

export const dynamic = 'force-dynamic';

export default function RootPage(): never {
  redirect(HOME);
}
