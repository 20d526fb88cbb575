/** The lockfile of a tree, parsed once for all verbs of a job. */
import type { InterpreterReport } from '@darb/models';
import type { LockSummary } from '../lockfiles/summarize-uv-lock.js';
import type { DigestInputs } from '../port.js';
import { readLock } from './project.js';

const parsed = new WeakMap<DigestInputs, LockSummary>();

export function pythonOf(inputs: DigestInputs): InterpreterReport {
  if (inputs.python === null) throw new Error('a uv tree needs an interpreter');
  return inputs.python;
}

/** Remembers what the solve has parsed already. */
export function keepLock(inputs: DigestInputs, lock: LockSummary): void {
  parsed.set(inputs, lock);
}

export async function lockOf(inputs: DigestInputs): Promise<LockSummary> {
  const known = parsed.get(inputs);
  if (known !== undefined) return known;
  const lock = await readLock(inputs.lockfile, pythonOf(inputs));
  parsed.set(inputs, lock);
  return lock;
}
