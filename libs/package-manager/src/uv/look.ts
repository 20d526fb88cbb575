/** Whether a uv tree that was built earlier is still whole: names and texts only, no file of a package is read. */
import { readdir, readlink, stat } from 'node:fs/promises';
import path from 'node:path';
import type { InterpreterReport } from '@darb/models';
import type { DigestInputs, TreeFault } from '../port.js';
import { distributionName, sitePackagesOf } from '../python/dist-info.js';
import { readWholeText } from '../trees/read-bounded.js';
import { textFault } from '../trees/text-fault.js';
import { interpreterFault, isInterpreterThere } from './interpreters.js';
import { lockOf, pythonOf } from './tree-lock.js';
import { MAX_CONFIGURATION_BYTES, UV_LOCKFILE, UV_MANIFEST, UV_PREFIX } from './tree-files.js';
import { treeManifest } from './tree.js';

function damaged(message: string): TreeFault {
  return { code: 'tree_damaged', message };
}

/**
 * The environment's Python is the one that was chosen: told by its links, never by starting it, because a package can
 * bring files (`pyvenv.cfg`, `python._pth`) that make it run code even with `-I -S`.
 */
export async function pythonFault(prefix: string, python: InterpreterReport): Promise<TreeFault | null> {
  const configuration = await readWholeText(path.join(prefix, 'pyvenv.cfg'), MAX_CONFIGURATION_BYTES);
  if (configuration === null) return damaged('The environment has no `pyvenv.cfg`.');
  const home = /^home = (.+)$/m.exec(configuration)?.[1]?.trim();
  if (home !== path.dirname(python.path))
    return damaged(`The environment is for a Python in ${home}, not for ${python.path}.`);
  const link = await readlink(path.join(prefix, 'bin/python')).catch(() => null);
  if (link === null) return damaged('The environment’s `bin/python` is missing.');
  if (!(await isInterpreterThere(python))) return interpreterFault(python);
  const [linked, chosen] = await Promise.all(
    [path.join(prefix, 'bin/python'), python.path].map((file) => stat(file).catch(() => null)),
  );
  if (linked?.ino === chosen?.ino && linked?.dev === chosen?.dev) return null;
  return damaged(`The environment’s \`bin/python\` is ${link}, not ${python.path}.`);
}

export async function lookAtUvTree(tree: string, inputs: DigestInputs): Promise<TreeFault | null> {
  const isThere = await stat(tree).then(
    (one) => one.isDirectory(),
    () => false,
  );
  if (!isThere) return { code: 'tree_missing', message: 'The folder of the environment is gone.' };
  const { requiresPython, packages } = await lockOf(inputs);
  const prefix = path.join(tree, UV_PREFIX);
  return (
    (await textFault(tree, UV_MANIFEST, treeManifest(requiresPython))) ??
    (await textFault(tree, UV_LOCKFILE, inputs.lockfile)) ??
    (await pythonFault(prefix, pythonOf(inputs))) ??
    (await recordFault(
      prefix,
      packages.map((one) => one.name),
    ))
  );
}

/** Only what is missing counts: this library and uv may read a marker differently, and verify has decided that. */
async function recordFault(prefix: string, packages: string[]): Promise<TreeFault | null> {
  const sitePackages = await sitePackagesOf(prefix);
  const entries = sitePackages === null ? null : await readdir(sitePackages).catch(() => null);
  if (entries === null) return damaged('The environment has no `site-packages`.');
  const there = new Set(entries.flatMap((entry) => distributionName(entry) ?? []));
  const missing = packages.filter((name) => !there.has(name));
  if (missing.length === 0) return null;
  return damaged(`The environment lacks ${missing.slice(0, 5).join(', ')}.`);
}
