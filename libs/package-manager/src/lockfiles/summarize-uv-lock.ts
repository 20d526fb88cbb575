/** What a solve or a tree needs to know of a `uv.lock`: small, whatever the size of the file. */
import { parseUvLock, type UvLock } from './uv-lock.js';
import type { LockedPackage } from '../port.js';
import type { MarkerEnvironment } from '../specs/markers.js';
import type { Checked } from '../specs/types.js';
import { lockedPackages } from '../uv/locked-packages.js';

export interface LockSummary {
  requiresPython: string;
  /** Of all packages, for whatever platform, without the project itself. */
  names: string[];
  /** What `uv sync` installs on the given interpreter. */
  packages: LockedPackage[];
}

export function summarize(lock: UvLock, environment: MarkerEnvironment): LockSummary {
  return {
    requiresPython: lock.requiresPython,
    names: [...new Set(lock.packages.filter((one) => !one.isRoot).map((one) => one.name))],
    packages: lockedPackages(lock, environment),
  };
}

export function summarizeUvLock(
  text: string,
  environment: MarkerEnvironment,
): Checked<{ lock: LockSummary }> {
  const result = parseUvLock(text);
  return result.ok ? { ok: true, lock: summarize(result.lock, environment) } : result;
}
