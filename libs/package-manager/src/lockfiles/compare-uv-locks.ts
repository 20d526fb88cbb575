/** A lockfile that a person gave, held against what uv made of it. */
import type { Checked } from '../specs/types.js';
import { parseUvLock, type UvLock } from './uv-lock.js';
import { isStillPreferences } from './uv-tree-lock.js';

export interface LockComparison {
  /** Whether uv solved at all, and did not take the given lockfile as it is. */
  isSolved: boolean;
  /** `name version` of what the manifest or the index did not let stay. */
  moved: string[];
  /** A file that has another hash on the index. */
  changedFile: { file: string; given: string; index: string } | null;
}

function compare(given: UvLock, solved: UvLock): LockComparison {
  const now = new Map(solved.packages.map((one) => [`${one.name}==${one.version}`, one]));
  const comparison: LockComparison = { isSolved: !isStillPreferences(solved), moved: [], changedFile: null };
  for (const before of given.packages.filter((one) => !one.isRoot)) {
    const after = now.get(`${before.name}==${before.version}`);
    if (after === undefined) comparison.moved.push(`${before.name} ${before.version}`);
    for (const [file, hash] of before.files) {
      const other = after?.files.get(file);
      if (other !== undefined && other !== hash)
        comparison.changedFile ??= { file, given: hash, index: other };
    }
  }
  return comparison;
}

export function compareGivenLock(given: string, solved: string): Checked<{ comparison: LockComparison }> {
  const [before, after] = [parseUvLock(given), parseUvLock(solved)];
  if (!before.ok) return before;
  return after.ok ? { ok: true, comparison: compare(before.lock, after.lock) } : after;
}
