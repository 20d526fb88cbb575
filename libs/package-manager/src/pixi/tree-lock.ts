/** The lockfile of a tree, parsed once for all verbs of a job. */
import type { PixiLock, PixiPackage } from '../lockfiles/pixi-lock.js';
import type { DigestInputs } from '../port.js';
import { readLock } from './project.js';

const parsed = new WeakMap<DigestInputs, PixiLock>();

/** Remembers what the solve has parsed already. */
export function keepLock(inputs: DigestInputs, lock: PixiLock): void {
  parsed.set(inputs, lock);
}

export async function lockOf(inputs: DigestInputs): Promise<PixiLock> {
  const known = parsed.get(inputs);
  if (known !== undefined) return known;
  const lock = await readLock(inputs.lockfile);
  parsed.set(inputs, lock);
  return lock;
}

/** The packages that the lockfile puts on the tree's platform. */
export async function expectedPackages(inputs: DigestInputs): Promise<PixiPackage[]> {
  return (await lockOf(inputs)).platforms.get(inputs.platform) ?? [];
}
