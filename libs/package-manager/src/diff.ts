/** What changes between two sets of packages: the body of a plan and of a diff of revisions. */
import { newestFirst } from './specs/names.js';

export interface PackageChange {
  name: string;
  from: string | null;
  to: string | null;
}

export interface PackageDiff {
  added: PackageChange[];
  removed: PackageChange[];
  upgraded: PackageChange[];
  downgraded: PackageChange[];
  /** Same version, another build. */
  changed: PackageChange[];
  unchanged_count: number;
}

interface ComparablePackage {
  name: string;
  version: string;
  kind: 'conda' | 'pypi';
  build: string | null;
}

/** Packages of one name and kind are compared; each list is by name. */
export function diffPackages(
  before: readonly ComparablePackage[],
  after: readonly ComparablePackage[],
): PackageDiff {
  const diff: PackageDiff = {
    added: [],
    removed: [],
    upgraded: [],
    downgraded: [],
    changed: [],
    unchanged_count: 0,
  };
  const keyOf = (one: ComparablePackage): string => `${one.kind}:${one.name}`;
  const old = new Map(before.map((one) => [keyOf(one), one]));
  for (const now of after.toSorted((left, right) => (left.name < right.name ? -1 : 1))) {
    const was = old.get(keyOf(now));
    old.delete(keyOf(now));
    if (was === undefined) diff.added.push({ name: now.name, from: null, to: now.version });
    else if (was.version !== now.version) {
      const list = newestFirst(was.version, now.version) > 0 ? diff.upgraded : diff.downgraded;
      list.push({ name: now.name, from: was.version, to: now.version });
    } else if (was.build !== now.build) diff.changed.push({ name: now.name, from: was.build, to: now.build });
    else diff.unchanged_count += 1;
  }
  for (const gone of old.values()) diff.removed.push({ name: gone.name, from: gone.version, to: null });
  return diff;
}
