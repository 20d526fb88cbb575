/** What a pixi tree holds, read from what its packages say of themselves. */
import path from 'node:path';
import type { PackageRecord } from '@darb/models';
import { PackageManagerError } from '../errors.js';
import { MAX_LOCKFILE_BYTES } from '../manifests/types.js';
import type { Inventory } from '../port.js';
import { readRecord, type Distribution } from '../python/dist-info.js';
import { currentPlatform } from '../surroundings.js';
import { runOnText } from '../offload/index.js';
import { readWholeText } from '../trees/read-bounded.js';
import { measureTree } from '../trees/walk.js';
import { PIXI_LOCKFILE } from './command.js';
import { readCondaRecords } from './conda-meta.js';
import { readLock } from './project.js';
import { pypiDistributions } from './pypi.js';
import { PIXI_PREFIX } from './tree.js';

function damaged(message: string): never {
  throw new PackageManagerError('tree_damaged', message);
}

export async function inventoryPixiTree(tree: string, manifest: string): Promise<Inventory> {
  const prefix = path.join(tree, PIXI_PREFIX);
  const lockfile = await readWholeText(path.join(tree, PIXI_LOCKFILE), MAX_LOCKFILE_BYTES);
  if (lockfile === null) damaged(`The environment’s \`${PIXI_LOCKFILE}\` is missing.`);
  const locked = (await readLock(lockfile)).platforms.get(currentPlatform()) ?? [];
  const records = await readCondaRecords(prefix);
  if (records === null) damaged('The environment’s `conda-meta` is gone.');
  if (records.length === 0 && locked.some((one) => one.kind === 'conda'))
    damaged('The environment’s packages are gone.');
  const pypi = await pypiDistributions(
    prefix,
    locked.filter((one) => one.kind === 'pypi'),
  );
  const requested = await requestedSpecs(manifest);
  const packages = [
    ...records.map((one): PackageRecord => ({
      name: one.name,
      version: one.version,
      kind: 'conda',
      build: one.build,
      channel: one.channel,
      explicit: requested.conda.has(one.name),
      requested: requested.conda.get(one.name) ?? null,
      size_bytes: one.sizeBytes,
      license: one.license,
    })),
    ...(await Promise.all([...pypi.values()].map((one) => pypiRecord(one, prefix, requested.pypi)))),
  ];
  const pythonVersion = records.find((one) => one.name === 'python')?.version ?? null;
  packages.sort((left, right) => (left.name < right.name ? -1 : 1));
  return { packages, ...(await measureTree(tree)), pythonVersion };
}

async function pypiRecord(
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

/** Name → version as it stands in the manifest. Channels do not matter for reading, so all of its own are allowed. */
async function requestedSpecs(
  manifest: string,
): Promise<{ conda: Map<string, string>; pypi: Map<string, string> }> {
  const channels = [...manifest.matchAll(/"([^"]+)"/g)].map((match) => match[1]!);
  const policy = { allowedChannels: channels };
  const parsed = await runOnText('manifest_invalid', 'parseManifest', 'pixi', manifest, policy);
  const specs = parsed.ok ? parsed.manifest : { dependencies: [], pypiDependencies: [] };
  return {
    conda: new Map(specs.dependencies.map((one) => [one.name, one.version])),
    pypi: new Map(specs.pypiDependencies.map((one) => [one.name, one.version])),
  };
}
