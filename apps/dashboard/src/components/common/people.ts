'use client';

import { useQuery } from '@tanstack/react-query';
import { shortId } from '../../lib/format';
import { queries } from '../../lib/queries';
import { usePerson } from '../shell/session-context';

/** Names for ids of users and organizations, as far as this person may know them. */
export function useNames() {
  const person = usePerson();
  const organizations = useQuery(queries.organizations());
  // Only an administrator may list users; for others it would be a refused request on every page.
  const users = useQuery({ ...queries.users(), enabled: person.role === 'admin', retry: false });
  return {
    /** Nobody (null) is Darb itself, which looks after its stores. */
    user(id: string | null): string {
      if (id === null) return 'Darb';
      if (id === person.id) return person.username;
      return users.data?.items.find((user) => user.id === id)?.username ?? 'another user';
    },
    organization(id: string): { name: string; isPersonal: boolean } {
      const found = organizations.data?.items.find((organization) => organization.id === id);
      return { name: found?.name ?? shortId(id), isPersonal: found?.personal ?? false };
    },
  };
}
