/** Whether a pixi tree that was built earlier is still whole: names and texts only, no file of a package is read. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { DigestInputs, TreeFault } from '../port.js';
import { distributionName, sitePackagesOf } from '../python/dist-info.js';
import { textFault } from '../trees/text-fault.js';
import { PIXI_LOCKFILE, PIXI_MANIFEST } from './command.js';
import { expectedPackages, lockOf } from './tree-lock.js';
import { PIXI_PREFIX, treeManifest } from './tree.js';

function damaged(message: string): TreeFault {
  return { code: 'tree_damaged', message };
}

export async function lookAtPixiTree(tree: string, inputs: DigestInputs): Promise<TreeFault | null> {
  const isThere = await stat(tree).then(
    (one) => one.isDirectory(),
    () => false,
  );
  if (!isThere) return { code: 'tree_missing', message: 'The folder of the environment is gone.' };
  const lock = await lockOf(inputs);
  return (
    (await textFault(tree, PIXI_MANIFEST, treeManifest(lock, inputs))) ??
    (await textFault(tree, PIXI_LOCKFILE, inputs.lockfile)) ??
    (await recordFault(path.join(tree, PIXI_PREFIX), inputs))
  );
}

async function recordFault(prefix: string, inputs: DigestInputs): Promise<TreeFault | null> {
  const records = await readdir(path.join(prefix, 'conda-meta')).catch(() => null);
  if (records === null) return damaged('The environment has no `conda-meta`.');
  const expected = await expectedPackages(inputs);
  const there = new Set(records);
  const missing = expected
    .filter((one) => one.kind === 'conda' && !there.has(`${one.name}-${one.version}-${one.build}.json`))
    .map((one) => one.name);
  const pypi = expected.filter((one) => one.kind === 'pypi').map((one) => one.name);
  if (pypi.length > 0) {
    const sitePackages = await sitePackagesOf(prefix);
    const entries = sitePackages === null ? [] : await readdir(sitePackages).catch(() => []);
    const names = new Set(entries.flatMap((entry) => distributionName(entry) ?? []));
    missing.push(...pypi.filter((name) => !names.has(name)));
  }
  if (missing.length === 0) return null;
  return damaged(`The environment lacks ${missing.slice(0, 5).join(', ')}.`);
}
