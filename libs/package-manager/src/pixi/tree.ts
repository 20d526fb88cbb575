/** A pixi tree: written from the digest's inputs and installed. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { PixiLock } from '../lockfiles/pixi-lock.js';
import { newPixiManifest, TREE_WORKSPACE } from '../manifests/pixi-settings.js';
import type { DigestInputs, PackageManagerSettings, ProgressListener, RunContext } from '../port.js';
import { runTool } from '../tool-process.js';
import { watchCount } from '../trees/progress.js';
import { PIXI_LOCKFILE, PIXI_MANIFEST, pixiCommand } from './command.js';
import { pixiFailure } from './failures.js';
import { assertPypiAllowed } from './project.js';
import { expectedPackages, lockOf } from './tree-lock.js';

export const PIXI_PREFIX = '.pixi/envs/default';

/** The manifest says only what pixi needs to accept the lockfile: it has to be the same for everybody. */
export function treeManifest(lock: PixiLock, inputs: DigestInputs): string {
  const platforms = lock.platforms.size > 0 ? [...lock.platforms.keys()] : [inputs.platform];
  const manifest = newPixiManifest({
    name: TREE_WORKSPACE,
    channels: lock.channels,
    platforms,
    python: null,
  });
  return `# Written by Darb for pixi.lock. What was requested stands in the manifest of the revision.\n${manifest}`;
}

export async function writePixiTree(tree: string, inputs: DigestInputs): Promise<void> {
  const lock = await lockOf(inputs);
  await mkdir(tree, { recursive: true });
  if ((await readdir(tree)).length > 0)
    throw new Error(`${tree} is not empty; a tree is never built in place`);
  await writeFile(path.join(tree, PIXI_MANIFEST), treeManifest(lock, inputs));
  await writeFile(path.join(tree, PIXI_LOCKFILE), inputs.lockfile);
}

async function recordNames(tree: string): Promise<string[]> {
  const names = await readdir(path.join(tree, PIXI_PREFIX, 'conda-meta')).catch(() => []);
  return names.filter((name) => name.endsWith('.json'));
}

export async function installPixiTree(
  settings: PackageManagerSettings,
  tree: string,
  inputs: DigestInputs,
  context: RunContext,
  onProgress?: ProgressListener,
): Promise<void> {
  const expected = await expectedPackages(inputs);
  if (expected.some((one) => one.kind === 'pypi')) assertPypiAllowed(context);
  const call = { args: ['install', '--frozen'], folder: tree, phase: 'install' as const };
  const stopWatching = watchCount(
    async () => (await recordNames(tree)).length,
    (done) => onProgress?.({ phase: 'install', done, total: expected.length }),
  );
  const result = await runTool(context, await pixiCommand(settings, context, call)).finally(stopWatching);
  if (result.exitCode !== 0) throw pixiFailure(result);
  onProgress?.({ phase: 'install', done: expected.length, total: expected.length });
}
