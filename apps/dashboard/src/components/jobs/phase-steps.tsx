'use client';

import { JOB_PHASES, type JobPhase } from '@darb/models';
import { BanIcon, CheckIcon, LoaderCircleIcon, MinusIcon, XIcon } from 'lucide-react';
import type { Job } from '../../lib/api';
import { cn } from '../../lib/cn';
import { formatDuration } from '../../lib/format';
import { phaseState, type PhaseState, type PhaseTime } from '../../lib/phases';
import { Duration } from '../common/time';
import { PHASE_LABEL } from './job-words';

interface PhaseStepsProps {
  job: Job;
  /** From the log, in order; without it only the current phase is known. */
  times?: readonly PhaseTime[];
  /** What the worker measured, in milliseconds; counts before the log. */
  timings?: Partial<Record<JobPhase, number>>;
  /** Goes to the first line of a phase. */
  onSelect?: (phase: JobPhase) => void;
}

/** The parts of a run, where it is, and how long each took. */
export function PhaseSteps({ job, times = [], timings = {}, onSelect }: PhaseStepsProps) {
  return (
    <ol aria-label="Phases" className="grid grid-cols-4 gap-2 sm:gap-3">
      {JOB_PHASES.map((phase) => {
        const time = times.find((entry) => entry.phase === phase);
        const measured = timings[phase];
        const state = phaseState(phase, job, times, timings);
        const isClickable = onSelect !== undefined && time !== undefined;
        return (
          <li key={phase} aria-current={state === 'running' ? 'step' : undefined} className="min-w-0">
            <button
              type="button"
              disabled={!isClickable}
              onClick={() => onSelect?.(phase)}
              title={isClickable ? `Go to the first line of ${PHASE_LABEL[phase]}` : undefined}
              className={cn(
                'grid w-full min-w-0 gap-1.5 rounded-sm text-left disabled:cursor-default',
                isClickable && 'group',
              )}
            >
              <span className={cn('h-1 overflow-hidden rounded-full', BAR[state])}>
                {state === 'running' ? (
                  <span className="sweep block h-full w-[28%] rounded-full bg-primary" />
                ) : null}
              </span>
              <span
                className={cn(
                  'flex min-w-0 items-center gap-x-1.5 text-xs group-hover:underline max-sm:flex-wrap',
                  state === 'waiting' || state === 'skipped' ? 'text-faint' : 'text-foreground',
                )}
              >
                <StepIcon state={state} />
                <span className="truncate font-medium">{PHASE_LABEL[phase]}</span>
                {measured !== undefined ? (
                  <span className={TIME}>{formatDuration(measured)}</span>
                ) : time ? (
                  <Duration from={time.startedAt} to={time.endedAt} className={TIME} />
                ) : null}
              </span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}

const TIME = 'figures truncate text-muted-foreground max-sm:basis-full sm:ml-auto';

const BAR: Record<PhaseState, string> = {
  waiting: 'bg-hover',
  skipped: 'bg-hover',
  running: 'bg-primary-soft',
  done: 'bg-primary',
  failed: 'bg-danger',
  cancelled: 'bg-border-strong',
};

function StepIcon({ state }: { state: PhaseState }) {
  const size = 'size-3.5 shrink-0';
  if (state === 'done')
    return <CheckIcon aria-label="done" className={cn(size, 'text-primary')} strokeWidth={2.6} />;
  if (state === 'failed')
    return <XIcon aria-label="failed" className={cn(size, 'text-danger')} strokeWidth={2.6} />;
  if (state === 'cancelled')
    return <BanIcon aria-label="cancelled" className={cn(size, 'text-muted-foreground')} />;
  if (state === 'running')
    return <LoaderCircleIcon aria-label="running" className={cn(size, 'animate-spin text-primary')} />;
  return <MinusIcon aria-label={state === 'skipped' ? 'not needed' : 'waiting'} className={size} />;
}
