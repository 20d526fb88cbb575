/** A uv tree: written from the digest's inputs and installed. Nothing in it is ever run. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TREE_PROJECT, TREE_VERSION } from '../lockfiles/uv-tree-lock.js';
import type { DigestInputs, PackageManagerSettings, ProgressListener, RunContext } from '../port.js';
import { sitePackagesOf } from '../python/dist-info.js';
import { runTool } from '../tool-process.js';
import { watchCount } from '../trees/progress.js';
import { uvCommand } from './command.js';
import { uvFailure } from './failures.js';
import { assertInterpreterThere } from './interpreters.js';
import { UV_LOCKFILE, UV_MANIFEST, UV_PREFIX } from './tree-files.js';
import { lockOf, pythonOf } from './tree-lock.js';

/** The manifest says only what uv needs to accept the lockfile: it has to be the same for everybody. */
export function treeManifest(requiresPython: string): string {
  return [
    '# Written by Darb for uv.lock. What was requested stands in the manifest of the revision.',
    '[project]',
    `name = "${TREE_PROJECT}"`,
    `version = "${TREE_VERSION}"`,
    `requires-python = ${JSON.stringify(requiresPython)}`,
    'dependencies = []',
    '',
  ].join('\n');
}

export async function writeUvTree(tree: string, inputs: DigestInputs): Promise<void> {
  await mkdir(tree, { recursive: true });
  if ((await readdir(tree)).length > 0)
    throw new Error(`${tree} is not empty; a tree is never built in place`);
  const { requiresPython } = await lockOf(inputs);
  await writeFile(path.join(tree, UV_MANIFEST), treeManifest(requiresPython));
  await writeFile(path.join(tree, UV_LOCKFILE), inputs.lockfile);
}

export async function installUvTree(
  settings: PackageManagerSettings,
  tree: string,
  inputs: DigestInputs,
  context: RunContext,
  onProgress?: ProgressListener,
): Promise<void> {
  const python = pythonOf(inputs);
  await assertInterpreterThere(python);
  const total = (await lockOf(inputs)).packages.length;
  const args = ['sync', '--frozen', '--no-install-project', '--no-default-groups', '-p', python.path];
  const command = await uvCommand(settings, context, { args, cwd: tree, phase: 'install', python });
  const stopWatching = watchCount(
    async () => (await readDistributionNames(tree)).length,
    (done) => onProgress?.({ phase: 'install', done, total }),
  );
  const result = await runTool(context, command).finally(stopWatching);
  if (result.exitCode !== 0) throw uvFailure(result);
  onProgress?.({ phase: 'install', done: total, total });
}

async function readDistributionNames(tree: string): Promise<string[]> {
  const sitePackages = await sitePackagesOf(path.join(tree, UV_PREFIX));
  if (sitePackages === null) return [];
  return (await readdir(sitePackages).catch(() => [])).filter((name) => name.endsWith('.dist-info'));
}
