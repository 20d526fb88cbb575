/** From a work order to a solve request. */
import type { EnvironmentChange, WorkOrder } from '@darb/models';
import type { SolveRequest } from '@darb/package-manager';

/** What the job changes; null for types that solve nothing (delete, export, verify, collect). */
export function changeOf(order: WorkOrder): EnvironmentChange | null {
  const { packages, pypi_packages: pypiPackages = [], manifest, lockfile = null } = order.arguments;
  switch (order.type) {
    case 'create':
      return {
        type: 'create',
        python: order.arguments.python ?? null,
        packages: packages ?? [],
        pypi_packages: pypiPackages,
        manifest: manifest ?? null,
        lockfile,
      };
    case 'apply':
    case 'import':
      return manifest === undefined ? null : { type: order.type, manifest, lockfile };
    case 'plan':
      if (manifest !== undefined) return { type: 'apply', manifest, lockfile };
      if (order.base_revision === null) return changeOf({ ...order, type: 'create' });
      if (packages !== undefined || pypiPackages.length > 0) return changeOf({ ...order, type: 'install' });
      return { type: 'update', packages: null };
    case 'install':
      return { type: 'install', packages: packages ?? [], pypi_packages: pypiPackages };
    case 'remove':
      return { type: 'remove', packages: packages ?? [] };
    case 'update':
      return { type: 'update', packages: packages ?? null };
    case 'rollback':
      return { type: 'rollback', revision: order.base_revision ?? 0 };
    default:
      return null;
  }
}

/** `baseTree`: absolute path of the base revision's tree as this worker sees it, null when there is none. */
export function solveRequestOf(order: WorkOrder, baseTree: string | null): SolveRequest | null {
  const change = changeOf(order);
  if (change === null) return null;
  const base =
    order.manifest !== null && order.lockfile !== null
      ? { manifest: order.manifest, lockfile: order.lockfile }
      : null;
  return {
    change,
    environmentName: order.environment_name,
    python: order.arguments.python ?? order.python,
    channels: order.arguments.channels ?? order.channels,
    platforms: order.arguments.platforms ?? order.platforms,
    base,
    baseTree,
  };
}
