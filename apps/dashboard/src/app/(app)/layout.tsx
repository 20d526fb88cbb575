import type { ReactNode } from 'react';
import { Providers } from '../../components/shell/providers';
import { Shell } from '../../components/shell/shell';
import { currentUser } from '../../server/user';

export default async function AppLayout({ children }: { children: ReactNode }) {
  const user = await currentUser();
  // Without a session the page redirects, and it alone knows where to come back to.
  if (!user) return children;
  return (
    <Providers person={{ id: user.id, username: user.username, role: user.role }}>
      <Shell>{children}</Shell>
    </Providers>
  );
}
