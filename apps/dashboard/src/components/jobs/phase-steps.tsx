'use client';

import { JOB_PHASES, type JobPhase } from '@darb/models';
import { CheckIcon, LoaderCircleIcon, MinusIcon, XIcon } from 'lucide-react';
import type { Job } from '../../lib/api';
import { cn } from '../../lib/cn';
import { Duration } from '../common/time';
import { PHASE_LABEL } from './job-words';

export interface PhaseTime {
  phase: JobPhase;
  startedAt: string;
  /** Null while it runs. */
  endedAt: string | null;
}

type StepState = 'waiting' | 'running' | 'done' | 'failed' | 'skipped';

interface PhaseStepsProps {
  job: Job;
  /** From the log, in order; without it only the current phase is known. */
  times?: readonly PhaseTime[];
  /** Goes to the first line of a phase. */
  onSelect?: (phase: JobPhase) => void;
}

/** The four parts of a run, where it is, and how long each took. */
export function PhaseSteps({ job, times = [], onSelect }: PhaseStepsProps) {
  const current = later(job.progress?.phase ?? null, times.at(-1)?.phase ?? null);
  return (
    <ol aria-label="Phases" className="grid grid-cols-4 gap-2 sm:gap-3">
      {JOB_PHASES.map((phase) => {
        const time = times.find((entry) => entry.phase === phase);
        const state = stateOf(phase, job, current, time);
        const isClickable = onSelect !== undefined && time !== undefined;
        return (
          <li key={phase} aria-current={state === 'running' ? 'step' : undefined} className="min-w-0">
            <button
              type="button"
              disabled={!isClickable}
              onClick={() => onSelect?.(phase)}
              title={isClickable ? `Go to the first line of ${phase}` : undefined}
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
                  'flex min-w-0 items-center gap-1 text-xs group-hover:underline sm:gap-1.5',
                  state === 'waiting' || state === 'skipped' ? 'text-faint' : 'text-foreground',
                )}
              >
                <StepIcon state={state} />
                <span className="truncate font-medium">{PHASE_LABEL[phase]}</span>
                {time ? (
                  <Duration
                    from={time.startedAt}
                    to={time.endedAt}
                    className="figures ml-auto truncate text-muted-foreground max-sm:hidden"
                  />
                ) : null}
              </span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}

const BAR: Record<StepState, string> = {
  waiting: 'bg-hover',
  skipped: 'bg-hover',
  running: 'bg-primary-soft',
  done: 'bg-primary',
  failed: 'bg-danger',
};

function StepIcon({ state }: { state: StepState }) {
  const size = 'size-3.5 shrink-0';
  if (state === 'done')
    return <CheckIcon aria-label="done" className={cn(size, 'text-primary')} strokeWidth={2.6} />;
  if (state === 'failed')
    return <XIcon aria-label="stopped" className={cn(size, 'text-danger')} strokeWidth={2.6} />;
  if (state === 'running')
    return <LoaderCircleIcon aria-label="running" className={cn(size, 'animate-spin text-primary')} />;
  return <MinusIcon aria-label={state === 'skipped' ? 'not needed' : 'waiting'} className={size} />;
}

/** The log knows of a new phase before the job's progress does, which comes with the heartbeat; or it is not there. */
function later(a: JobPhase | null, b: JobPhase | null): JobPhase | null {
  if (a === null || b === null) return a ?? b;
  return JOB_PHASES.indexOf(b) > JOB_PHASES.indexOf(a) ? b : a;
}

function stateOf(
  phase: JobPhase,
  job: Job,
  current: JobPhase | null,
  time: PhaseTime | undefined,
): StepState {
  const at = JOB_PHASES.indexOf(phase);
  const now = current === null ? -1 : JOB_PHASES.indexOf(current);
  if (job.status === 'completed') return time || at <= now || now === -1 ? 'done' : 'skipped';
  if (at < now) return 'done';
  if (at > now) return 'waiting';
  if (job.status === 'failed' || job.status === 'cancelled') return 'failed';
  return job.status === 'running' ? 'running' : 'waiting';
}
