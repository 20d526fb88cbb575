/** A lockfile that a person gave, held against what uv made of it. */
import { accepted, PackageManagerError } from '../errors.js';
import { parseUvLock, type UvLock } from '../lockfiles/uv-lock.js';
import { isStillPreferences } from '../lockfiles/uv-tree-lock.js';

export interface LockComparison {
  /** Whether uv solved at all, and did not take the given lockfile as it is. */
  isSolved: boolean;
  /** `name version` of what the manifest or the index did not let stay. */
  moved: string[];
  /** A file that has another hash on the index. */
  changedFile: { file: string; given: string; index: string } | null;
}

export function compareLocks(given: UvLock, solved: UvLock): LockComparison {
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

/** Versions may move when the manifest asks for it, which is said; a file that has another hash now is a fault. */
export function compareWithGiven(given: string, solved: string, log: (text: string) => void): void {
  const { isSolved, moved, changedFile } = compareLocks(
    accepted(parseUvLock(given)).lock,
    accepted(parseUvLock(solved)).lock,
  );
  if (!isSolved) throw new PackageManagerError('tool_failed', 'uv took the given lockfile as it is.');
  if (changedFile !== null) {
    const message = `${changedFile.file} has another hash on the index than in the given lockfile. Do not install it before you know why.`;
    const extract = `given ${changedFile.given}\nindex ${changedFile.index}`;
    throw new PackageManagerError('integrity', message, extract);
  }
  if (moved.length > 0)
    log(
      `Not kept from the given lockfile, because the manifest or the index says otherwise: ${moved.join(', ')}`,
    );
}
