/** What a uv tree holds, read from what its packages say of themselves. */
import path from 'node:path';
import type { PackageRecord } from '@darb/models';
import { PackageManagerError } from '../errors.js';
import { MAX_LOCKFILE_BYTES } from '../manifests/types.js';
import type { Inventory } from '../port.js';
import { readDistributions, readRecord, sitePackagesOf, type Distribution } from '../python/dist-info.js';
import { runOnText } from '../offload/index.js';
import { readWholeText } from '../trees/read-bounded.js';
import { measureTree } from '../trees/walk.js';
import { readLock } from './project.js';
import { MAX_CONFIGURATION_BYTES, UV_LOCKFILE, UV_PREFIX } from './tree-files.js';

export async function inventoryUvTree(tree: string, manifest: string): Promise<Inventory> {
  const prefix = path.join(tree, UV_PREFIX);
  const sitePackages = await sitePackagesOf(prefix);
  if (sitePackages === null)
    throw new PackageManagerError('tree_damaged', `The environment’s \`${UV_PREFIX}\` is gone.`);
  const configuration = (await readWholeText(path.join(prefix, 'pyvenv.cfg'), MAX_CONFIGURATION_BYTES)) ?? '';
  const pythonVersion = /^version_info = (\S{1,64})$/m.exec(configuration)?.[1] ?? null;
  const installed = await readDistributions(sitePackages);
  if (installed.length === 0) await assertNothingIsMissing(tree, pythonVersion);
  const parsed = await runOnText('manifest_invalid', 'parseManifest', 'uv', manifest);
  const requested = new Map(
    parsed.ok ? parsed.manifest.dependencies.map((spec) => [spec.name, spec.raw]) : [],
  );
  const packages = await Promise.all(installed.map((one) => toRecord(one, prefix, requested)));
  return { packages, ...(await measureTree(tree)), pythonVersion };
}

async function toRecord(
  one: Distribution,
  prefix: string,
  requested: Map<string, string>,
): Promise<PackageRecord> {
  const record = await readRecord(one, prefix);
  return {
    name: one.name,
    version: one.version,
    kind: 'pypi',
    build: null,
    channel: null,
    explicit: requested.has(one.name),
    requested: requested.get(one.name) ?? null,
    size_bytes: record === null ? null : record.reduce((sum, file) => sum + (file.sizeBytes ?? 0), 0),
    license: one.license,
  };
}

/** A tree may be empty only when its lockfile puts nothing on this machine. */
async function assertNothingIsMissing(tree: string, pythonVersion: string | null): Promise<void> {
  const lockfile = await readWholeText(path.join(tree, UV_LOCKFILE), MAX_LOCKFILE_BYTES);
  const python = { implementation: 'cpython', version: pythonVersion ?? '', abi: null, path: '' };
  const isEmpty = lockfile !== null && (await readLock(lockfile, python)).packages.length === 0;
  if (isEmpty) return;
  throw new PackageManagerError('tree_damaged', 'The environment’s packages are gone.');
}
