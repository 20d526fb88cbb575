'use client';

import { isTerminal } from '@darb/models';
import { useSyncExternalStore } from 'react';
import type { Job } from '../../lib/api';
import type { PhaseTime } from '../../lib/phases';
import type { LogBuffer } from '../../live/log-buffer';

/** Times of the phases of the latest attempt, as its log tells them. */
export function usePhaseTimes(log: LogBuffer, job: Pick<Job, 'status' | 'finished_at'>): PhaseTime[] {
  useSyncExternalStore(
    log.subscribe,
    () => log.phases.length,
    () => 0,
  );
  const epoch = log.phases.at(-1)?.epoch;
  const spans = log.phases.filter((span) => span.epoch === epoch);
  return spans.map((span, index) => {
    const next = spans[index + 1]?.startedAt;
    const end = next ?? (isTerminal(job.status) ? (job.finished_at ?? span.lastAt) : null);
    return { phase: span.phase, startedAt: span.startedAt, endedAt: end };
  });
}
