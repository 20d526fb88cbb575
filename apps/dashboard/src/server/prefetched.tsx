import { dehydrate, HydrationBoundary, QueryClient, type QueryKey } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { config } from './config';
import { forwardTarget } from './forward';
import { readSessionId } from './session-cookie';
import { accessToken } from './sessions';

/** What a page shows first, under the key that its component asks for. */
export interface FirstData {
  key: QueryKey;
  /** Below `/api/v1`. */
  path: string;
  /** Whether the component reads it page by page. */
  isPaged?: boolean;
  /** What the browser makes of the answer too. */
  read?: (body: unknown) => unknown;
}

/** Longer than this, and the page goes out without: its component then asks by itself, and shows that it waits. */
const TIMEOUT_MS = 1_500;

interface PrefetchedProps {
  data: readonly FirstData[];
  children: ReactNode;
}

/** Brings the first data along with the page, so that the first paint has content instead of placeholders. */
export async function Prefetched({ data, children }: PrefetchedProps) {
  const client = new QueryClient();
  const sessionId = await readSessionId();
  if (sessionId) await Promise.all(data.map((entry) => load(client, entry, sessionId)));
  return <HydrationBoundary state={dehydrate(client)}>{children}</HydrationBoundary>;
}

async function load(client: QueryClient, entry: FirstData, sessionId: string): Promise<void> {
  try {
    const target = forwardTarget(new URL(`/bff/api/v1${entry.path}`, 'http://localhost'), config());
    const { token } = await accessToken(sessionId);
    const response = await fetch(target!, {
      headers: { accept: 'application/json', authorization: `Bearer ${token}` },
      cache: 'no-store',
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) return;
    const answer: unknown = await response.json();
    const body = entry.read ? entry.read(answer) : answer;
    client.setQueryData(entry.key, entry.isPaged ? { pages: [body], pageParams: [null] } : body);
  } catch {
    // The component asks for it again, and says what is wrong.
  }
}
