/** Which packages of a `uv.lock` belong on one interpreter of this machine. */
import type { UvDependency, UvLock, UvPackage } from '../lockfiles/uv-lock.js';
import type { LockedPackage } from '../port.js';
import { evaluateMarker, parseMarker, type MarkerEnvironment } from '../specs/markers.js';

class LockWalk {
  readonly chosen = new Set<UvPackage>();
  private readonly byName = new Map<string, UvPackage[]>();
  private readonly seen = new Set<string>();

  constructor(
    lock: UvLock,
    private readonly environment: MarkerEnvironment,
  ) {
    for (const item of lock.packages) {
      const versions = this.byName.get(item.name);
      if (versions === undefined) this.byName.set(item.name, [item]);
      else versions.push(item);
    }
  }

  follow(dependencies: UvDependency[]): void {
    // A queue, not recursion: chains of thousands of packages exist in hostile files.
    const queue = [...dependencies];
    for (let edge = queue.pop(); edge !== undefined; edge = queue.pop()) {
      if (edge.marker !== null && !evaluateMarker(parseMarker(edge.marker), this.environment)) continue;
      const candidates = this.byName.get(edge.name) ?? [];
      const version = edge.version;
      const target = version === null ? candidates[0] : candidates.find((item) => item.version === version);
      if (target === undefined) continue;
      queue.push(...this.visit(target, edge.extras));
    }
  }

  private visit(target: UvPackage, extras: string[]): UvDependency[] {
    this.chosen.add(target);
    const next: UvDependency[] = [];
    for (const extra of ['', ...extras]) {
      const key = `${target.name}\n${target.version}\n${extra}`;
      if (this.seen.has(key)) continue;
      this.seen.add(key);
      next.push(...(extra === '' ? target.dependencies : (target.optionalDependencies[extra] ?? [])));
    }
    return next;
  }
}

/** The packages that `uv sync` installs for the project's own dependencies, without groups and extras; by name. */
export function lockedPackages(lock: UvLock, environment: MarkerEnvironment): LockedPackage[] {
  const walk = new LockWalk(lock, environment);
  walk.follow(lock.root.dependencies);
  return [...walk.chosen]
    .filter((item) => !item.isRoot)
    .map(({ name, version }): LockedPackage => ({ name, version, kind: 'pypi', build: null }))
    .toSorted((left, right) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0));
}
