import type { Worker } from './api';

/** What there is to say about a worker beyond its numbers. */

/** Limits that a sandbox can enforce, in words. */
const LIMITS: Readonly<Record<string, string>> = {
  memory: 'memory',
  pids: 'number of processes',
  cpu: 'CPU',
  disk: 'disk space',
  time: 'time',
  open_files: 'open files',
};
const EXPECTED = ['memory', 'pids', 'disk'];

export function limitLabel(limit: string): string {
  return LIMITS[limit] ?? limit.replaceAll('_', ' ');
}

/** Limits of a job that this worker has no means to enforce. */
export function missingLimits({ sandbox }: Pick<Worker, 'sandbox'>): string[] {
  return EXPECTED.filter((limit) => !sandbox.limits.includes(limit)).map(limitLabel);
}

/** "3 free of 4": slots of workers that take jobs. */
export function freeSlots(workers: readonly Pick<Worker, 'status' | 'slots' | 'running'>[]): number {
  return workers
    .filter(({ status }) => status === 'live')
    .reduce((sum, { slots, running }) => sum + Math.max(0, slots - running), 0);
}
