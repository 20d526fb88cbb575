/** The lockfile of a tree, parsed once for all verbs of a job. */
import type { InterpreterReport } from '@darb/models';
import { accepted } from '../errors.js';
import type { DigestInputs } from '../port.js';
import { markerEnvironment } from '../surroundings.js';
import { summarizeUvLock, type LockSummary } from './lock-summary.js';

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
  const { lock } = accepted(summarizeUvLock(inputs.lockfile, markerEnvironment(pythonOf(inputs))));
  parsed.set(inputs, lock);
  return lock;
}
