'use client';

import { useQueryClient } from '@tanstack/react-query';
import { createContext, use, useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { EVENTS_URL } from '../lib/api';
import { goToLogin } from '../lib/http';
import { applyEvents, refreshAll, retryFailed } from './apply-events';
import { LogBuffer } from './log-buffer';
import { EventStream, type StreamState } from './stream';

/** Begins to follow the log of a job; the answer stops it. */
type FollowLog = (jobId: string, log: LogBuffer) => () => void;

// Two contexts: who follows a log must not begin anew whenever the state of the connection changes.
const StateContext = createContext<StreamState>('connecting');
const FollowContext = createContext<FollowLog | null>(null);

/** A tab in the background gives its connection back: HTTP/1.1 browsers open only six to one origin. */
const HIDDEN_MS = 20_000;

/** Holds the one event stream of this tab and brings what it says into the query cache. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [state, setState] = useState<StreamState>('connecting');
  const followed = useRef<{ jobId: string; log: LogBuffer } | null>(null);

  const stream = useMemo(() => {
    const created: EventStream = new EventStream(EVENTS_URL, {
      onEvents(events, job) {
        const target = followed.current?.jobId === job ? followed.current.log : null;
        applyEvents(events, client, target, () => job && created.logEnded(job));
      },
      onState: setState,
      onOpen(resumed) {
        // Changes between the first load and this moment were seen by nobody.
        if (resumed) retryFailed(client);
        else refreshAll(client);
      },
      onSessionEnd: goToLogin,
    });
    return created;
  }, [client]);

  useEffect(() => {
    stream.start();
    let hiddenSince: ReturnType<typeof setTimeout> | undefined;
    const onVisibility = () => {
      clearTimeout(hiddenSince);
      if (document.hidden) hiddenSince = setTimeout(() => stream.pause(), HIDDEN_MS);
      else stream.start();
    };
    const onOnline = () => stream.retryNow();
    // Not believed, but tried at once: without any network, a Darb on this very machine can still be reached.
    const onOffline = () => stream.prove();
    document.addEventListener('visibilitychange', onVisibility);
    window.addEventListener('online', onOnline);
    window.addEventListener('offline', onOffline);
    return () => {
      clearTimeout(hiddenSince);
      document.removeEventListener('visibilitychange', onVisibility);
      window.removeEventListener('online', onOnline);
      window.removeEventListener('offline', onOffline);
      stream.pause();
    };
  }, [stream]);

  const followLog = useCallback<FollowLog>(
    (jobId, log) => {
      const mine = { jobId, log };
      followed.current = mine;
      stream.follow(jobId);
      return () => {
        if (followed.current !== mine) return;
        followed.current = null;
        stream.follow(null);
      };
    },
    [stream],
  );

  return (
    <FollowContext value={followLog}>
      <StateContext value={state}>{children}</StateContext>
    </FollowContext>
  );
}

export function useStreamState(): StreamState {
  return use(StateContext);
}

/** Whether the last attempt to reach Darb met nobody: nothing can be sent now, and no page can be opened. */
export function useIsOffline(): boolean {
  return useStreamState() === 'unreachable';
}

/** The log of a job, filled while the component is there. */
export function useJobLog(jobId: string): LogBuffer {
  const followLog = use(FollowContext);
  if (!followLog) throw new Error('useJobLog needs a LiveProvider around it.');
  const log = useMemo(() => {
    void jobId;
    return new LogBuffer();
  }, [jobId]);
  useEffect(() => followLog(jobId, log), [followLog, jobId, log]);
  return log;
}
