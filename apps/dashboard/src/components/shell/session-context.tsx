'use client';

import { createContext, use, type ReactNode } from 'react';

/** What pages may know of the person: who they are, nothing that opens doors. */
export interface SessionPerson {
  id: string;
  username: string;
  role: 'admin' | 'user';
}

const SessionContext = createContext<SessionPerson | null>(null);

export function SessionProvider({ person, children }: { person: SessionPerson; children: ReactNode }) {
  return <SessionContext value={person}>{children}</SessionContext>;
}

export function usePerson(): SessionPerson {
  const person = use(SessionContext);
  if (!person) throw new Error('usePerson needs a SessionProvider around it.');
  return person;
}
