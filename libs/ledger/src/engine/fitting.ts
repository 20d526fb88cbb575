/** Which worker can do which job: pure, so that it can be tried without a database. */
import type { JobRequirements } from '@darb/models';
import type { Worker } from '@darb/models/entities';
import { satisfies, valid, validRange } from '@renovatebot/pep440';

export interface Slot {
  worker: Worker;
  /** Jobs dispatched to it or running on it, and runs that it has not got rid of yet. */
  used: number;
  /** A job that must run alone is on it. */
  isOccupied: boolean;
  /** Kept free of other jobs until a job that must run alone gets it. */
  isReserved: boolean;
}

export interface Waiting {
  requirements: JobRequirements;
  store_id: string | null;
  runs_alone: boolean;
}

/** Whether the worker has what the job can't do without, whatever runs on it. */
export function fits({ worker }: Slot, { requirements, store_id }: Waiting): boolean {
  if (store_id !== null && store_id !== worker.store_id) return false;
  const { platforms, labels = {} } = requirements;
  if (platforms && platforms.length > 0 && !platforms.includes(worker.platform)) return false;
  if (Object.entries(labels).some(([name, value]) => worker.labels[name] !== value)) return false;
  return hasManager(worker, requirements);
}

function hasManager(worker: Worker, { manager }: JobRequirements): boolean {
  if (!manager) return true;
  const report = worker.managers.find(({ type }) => type === manager.type);
  if (report?.available !== true) return false;
  return manager.versions === undefined || inRange(report.version ?? '', manager.versions);
}

/**
 * Whether the worker has the Python that was asked for. Not part of `fits`: where nobody has it, the job runs
 * anyway and says which ones there are, instead of waiting for ever.
 */
export function hasPython({ worker }: Slot, { requirements }: Waiting): boolean {
  const { python, manager } = requirements;
  if (python === undefined || manager?.type !== 'uv') return true;
  const interpreters = worker.managers.find(({ type }) => type === 'uv')?.interpreters ?? [];
  return interpreters.some(({ version }) => inRange(version, asRange(python)));
}

/** `3.12` means any 3.12; a full version means itself. */
function asRange(python: string): string {
  if (/^\d+$|^\d+\.\d+$/.test(python)) return `==${python}.*`;
  return /^\d/.test(python) ? `==${python}` : python;
}

function inRange(version: string, range: string): boolean {
  // What can't be read rules nobody out: the tool has the last word.
  if (!validRange(range) || valid(version) === null) return true;
  return satisfies(version, range, { prereleases: true });
}

export function isFree(slot: Slot, { runs_alone }: Waiting): boolean {
  if (runs_alone) return slot.used === 0;
  return slot.used < slot.worker.slots && !slot.isOccupied && !slot.isReserved;
}

/** What a waiting job waits for, as a sentence's end. */
export function whyWaiting(slots: readonly Slot[], job: Waiting): string {
  if (slots.length === 0) return 'a worker: none is connected';
  const fitting = slots.filter((slot) => fits(slot, job));
  if (fitting.length === 0) return `a worker that has ${needsOf(job)}: none is connected`;
  if (job.runs_alone) return 'a worker to itself, because a worker was lost while this job ran on it';
  const count = fitting.reduce((sum, slot) => sum + slot.worker.slots, 0);
  if (fitting.some((slot) => slot.isReserved)) {
    return 'a free slot: a worker is kept free for a job that must run alone';
  }
  return `a free slot: all ${count} are busy`;
}

function needsOf({ requirements, store_id }: Waiting): string {
  const { manager, platforms = [], labels = {} } = requirements;
  const needs = [
    ...(manager ? [manager.versions ? `${manager.type} ${manager.versions}` : manager.type] : []),
    ...(platforms.length > 0 ? [`platform ${platforms.join(' or ')}`] : []),
    ...Object.entries(labels).map(([name, value]) => `label ${name}=${value}`),
    ...(store_id === null ? [] : ["the environment's files"]),
  ];
  return needs.join(' and ') || 'room';
}
