'use client';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { ApiProblem } from '../../lib/http';
import { LiveProvider } from '../../live/live-provider';
import { TooltipProvider } from '../ui/tooltip';
import { SessionProvider, type SessionPerson } from './session-context';

const MOST_RETRIES = 3;

function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // The event stream keeps data fresh; this only bounds what a missed event could cost.
        staleTime: 60_000,
        // A browser without a network may still reach a Darb on its own machine: whether it can, the request tells.
        networkMode: 'always',
        refetchOnReconnect: true,
        retry: (failures, error) =>
          error instanceof ApiProblem && error.isTemporary && failures < MOST_RETRIES,
        retryDelay: (attempt, error) => {
          const asked = error instanceof ApiProblem ? error.retryAfterSeconds : null;
          return asked === null ? Math.min(4000, 400 * 2 ** attempt) : asked * 1000;
        },
      },
    },
  });
}

export function Providers({ person, children }: { person: SessionPerson; children: ReactNode }) {
  const [client] = useState(createQueryClient);
  return (
    <SessionProvider person={person}>
      <QueryClientProvider client={client}>
        <LiveProvider>
          <TooltipProvider delayDuration={400}>{children}</TooltipProvider>
        </LiveProvider>
      </QueryClientProvider>
    </SessionProvider>
  );
}
