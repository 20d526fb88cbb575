/** From a work order to a solve request: the worker's side of the port, kept here so that both adapters agree on it. */
import type { WorkOrder } from '@darb/models';
import type { EnvironmentChange, SolveRequest } from './port.js';

/**
 * What the job changes; null for types that solve nothing (delete, export, verify, collect).
 * A plan names its change by the arguments it carries.
 */
export function changeOf(order: WorkOrder): EnvironmentChange | null {
  const { packages, pypi_packages: pypiPackages = [], manifest, lockfile } = order.arguments;
  switch (order.type) {
    case 'create':
    case 'apply':
    case 'import':
    case 'plan':
      if (manifest !== undefined) return { kind: 'replace', manifest, lockfile: lockfile ?? null };
      if (order.type === 'create' || order.base_revision === null)
        return { kind: 'create', packages: packages ?? [], pypiPackages };
      if (packages !== undefined || pypiPackages.length > 0)
        return { kind: 'add', packages: packages ?? [], pypiPackages };
      return order.type === 'plan' ? { kind: 'update', names: null } : { kind: 'restore' };
    case 'install':
      return { kind: 'add', packages: packages ?? [], pypiPackages };
    case 'remove':
      return { kind: 'remove', names: packages ?? [] };
    case 'update':
      return { kind: 'update', names: packages ?? null };
    case 'rollback':
      return { kind: 'restore' };
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
