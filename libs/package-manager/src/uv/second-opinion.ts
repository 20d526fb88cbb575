/**
 * Files that differ from what their package recorded: either the record was wrong from the start, or the file was
 * changed after it was unpacked. A fresh copy of the same archive, whose hash the lockfile knows, tells which.
 */
import { lstatSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { InterpreterReport } from '@darb/models';
import type { PackageManagerSettings, RunContext } from '../port.js';
import { runTool } from '../tool-process.js';
import { digestOfFile, type FileFault } from '../trees/hashing.js';
import { uvCommand } from './command.js';
import { UV_PREFIX } from './tree-files.js';

/** How long removing a damaged file from the cache may wait for others that use it. */
const CACHE_LOCK_SECONDS = '20';

export interface Suspicion {
  tree: string;
  python: InterpreterReport;
  /** Names of packages with a file that differs. */
  suspects: string[];
  /** All packages of the tree. */
  installed: string[];
  faults: FileFault[];
}

export interface Verdict {
  /** The archive itself is so. */
  asPublished: FileFault[];
  /** Changed or lost after unpacking. */
  damaged: FileFault[];
}

export async function askAgain(
  settings: PackageManagerSettings,
  context: RunContext,
  suspicion: Suspicion,
): Promise<Verdict> {
  const { tree, faults } = suspicion;
  const folder = path.join(context.scratch, 'second-opinion');
  await rm(folder, { recursive: true, force: true });
  const prefix = path.join(folder, UV_PREFIX);
  context.log(
    `files of ${suspicion.suspects.join(', ')} are not as recorded; fetching these packages again to compare`,
  );
  if (!(await install(settings, context, suspicion, folder, prefix)))
    return { asPublished: [], damaged: faults };
  const isSame = ({ path: file }: FileFault): boolean =>
    contentOf(file) === contentOf(path.join(prefix, path.relative(path.join(tree, UV_PREFIX), file)));
  return { asPublished: faults.filter(isSame), damaged: faults.filter((one) => !isSame(one)) };
}

async function install(
  settings: PackageManagerSettings,
  context: RunContext,
  { tree, python, suspects, installed }: Suspicion,
  folder: string,
  prefix: string,
): Promise<boolean> {
  const others = installed.filter((name) => !suspects.includes(name));
  const args = [
    'sync',
    '--frozen',
    '--no-install-project',
    '--no-default-groups',
    '-p',
    python.path,
    ...others.flatMap((name) => ['--no-install-package', name]),
  ];
  const command = await uvCommand(settings, context, { args, cwd: tree, phase: 'verify', python });
  const env = {
    ...command.env,
    UV_PROJECT_ENVIRONMENT: prefix,
    // Nothing that is cached already may be asked.
    UV_CACHE_DIR: path.join(folder, 'cache'),
  };
  return (await runTool(context, { ...command, env })).exitCode === 0;
}

/** Hash of a plain file; null when there is none. */
function contentOf(file: string): string | null {
  const stats = lstatSync(file, { throwIfNoEntry: false });
  return stats?.isFile() ? digestOfFile(file, 'sha256', stats.size) : null;
}

/** Takes packages out of the cache, so that the next installation fetches them again. Trees keep their files. */
export async function forgetCached(
  settings: PackageManagerSettings,
  context: RunContext,
  { tree, python, suspects }: Suspicion,
): Promise<void> {
  const call = { args: ['cache', 'clean', '--', ...suspects], cwd: tree, phase: 'verify' as const, python };
  const command = await uvCommand(settings, context, call);
  const env = { ...command.env, UV_LOCK_TIMEOUT: CACHE_LOCK_SECONDS };
  const { exitCode } = await runTool(context, { ...command, env });
  if (exitCode === 0) context.log(`${suspects.join(', ')} will be fetched again at the next installation`);
}
