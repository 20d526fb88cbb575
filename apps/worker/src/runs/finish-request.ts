import type { FinishRequest, JobError, JobPhase } from '@darb/models';
import type { StopReason } from './run-control.js';

/** What a run reports, without what every report carries. */
export type RunResult = Omit<FinishRequest, 'timings' | 'last_seq'>;

const NOTHING: Omit<RunResult, 'outcome' | 'error'> = {
  manifest: null,
  lockfile: null,
  digest: null,
  packages: [],
  copy_id: null,
  inputs: null,
  warnings: [],
  result: null,
  size_bytes: null,
  file_count: null,
  python_version: null,
  tool_version: null,
};

/** A success that makes no revision has nothing further to tell. */
export function succeeded(parts: Partial<RunResult> = {}): RunResult {
  return { ...NOTHING, ...parts, outcome: 'succeeded', error: null };
}

/** Why the run was stopped explains its end better than the error that the stop caused. */
export function failed(reason: StopReason | null, classify: () => JobError): RunResult {
  if (reason?.kind === 'cancel') {
    const error = operational(reason.code ?? 'cancelled', 'The job was cancelled.');
    return { ...NOTHING, outcome: 'cancelled', error: { ...error, family: 'user' } };
  }
  return { ...NOTHING, outcome: 'failed', error: stopError(reason) ?? classify() };
}

export function finishRequest(
  result: RunResult,
  timings: Partial<Record<JobPhase, number>>,
  lastSeq: number,
): FinishRequest {
  return { ...result, timings, last_seq: lastSeq };
}

function stopError(reason: StopReason | null): JobError | null {
  if (reason?.kind === 'timeout') {
    return operational('timeout', `The job took longer than ${reason.seconds} seconds and was stopped.`);
  }
  if (reason?.kind === 'idle') {
    return operational(
      'idle_timeout',
      `Nothing happened for ${reason.seconds} seconds, so the job was stopped. Its log ends where it stood still.`,
    );
  }
  if (reason?.kind === 'disk_full') {
    const free = Math.floor(reason.freeBytes / (1024 * 1024));
    return operational(
      'disk_full',
      `The storage root has only ${free} MiB left, so the job was stopped. Free some space and try again.`,
    );
  }
  return null;
}

function operational(code: string, message: string): JobError {
  return { code, family: 'operational', message, extract: null };
}
