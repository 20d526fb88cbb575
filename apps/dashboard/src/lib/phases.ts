import { JOB_PHASES, type JobPhase, type JobStatus } from '@darb/models';

export interface PhaseTime {
  phase: JobPhase;
  startedAt: string;
  /** Null while it runs. */
  endedAt: string | null;
}

export type PhaseState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled' | 'skipped';

export type Timings = Partial<Record<JobPhase, number>>;

interface Run {
  status: JobStatus;
  progress: { phase: JobPhase } | null;
}

/** How far one phase of a run is, from all that is known: progress (late), log (perhaps gone) and timings (at the end). */
export function phaseState(
  phase: JobPhase,
  { status, progress }: Run,
  times: readonly PhaseTime[],
  timings: Timings,
): PhaseState {
  const isKnown = timings[phase] !== undefined || times.some((entry) => entry.phase === phase);
  const reached = latest([progress?.phase, times.at(-1)?.phase, ...(Object.keys(timings) as JobPhase[])]);
  const now = reached === null ? -1 : JOB_PHASES.indexOf(reached);
  const at = JOB_PHASES.indexOf(phase);
  if (status === 'completed') return isKnown || now === -1 ? 'done' : 'skipped';
  if (at < now) return isKnown || times.length === 0 ? 'done' : 'skipped';
  if (at > now) return 'waiting';
  if (status === 'failed' || status === 'cancelled') return status;
  return status === 'running' ? 'running' : 'waiting';
}

/** Whether a job has phases to show at all: work on a store or on a folder may be one step. */
export function hasPhases({ progress }: Run, times: readonly PhaseTime[], timings: Timings): boolean {
  return progress !== null || times.length > 0 || Object.keys(timings).length > 0;
}

function latest(phases: readonly (JobPhase | undefined)[]): JobPhase | null {
  return JOB_PHASES.findLast((phase) => phases.includes(phase)) ?? null;
}
