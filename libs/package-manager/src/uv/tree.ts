/** A uv tree: written from the digest's inputs, installed, verified, read. Nothing in it is ever run. */
import { mkdir, readdir, readFile, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { InterpreterReport, PackageRecord } from '@darb/models';
import { PackageManagerError } from '../errors.js';
import { TREE_PROJECT, TREE_VERSION } from '../lockfiles/uv-tree-lock.js';
import { parseUvLock, type UvLock } from '../lockfiles/uv-lock.js';
import { parsePyproject } from '../manifests/pyproject.js';
import type {
  DigestInputs,
  Inventory,
  LockedPackage,
  PackageManagerSettings,
  ProgressListener,
  RunContext,
  VerifyOutcome,
} from '../port.js';
import {
  readDistributions,
  readRecord,
  sitePackagesOf,
  type Distribution,
  type RecordEntry,
} from '../python/dist-info.js';
import { markerEnvironment } from '../surroundings.js';
import { runTool } from '../tool-process.js';
import { checkFiles } from '../trees/hashing.js';
import { watchCount } from '../trees/progress.js';
import { measureTree } from '../trees/walk.js';
import { uvCommand } from './command.js';
import { uvFailure } from './failures.js';
import { assertInterpreterThere } from './interpreters.js';
import { lockedPackages } from './locked-packages.js';

const PREFIX = '.venv';

function lockOf(inputs: DigestInputs): UvLock {
  const checked = parseUvLock(inputs.lockfile);
  if (checked.ok) return checked.lock;
  throw new PackageManagerError('lockfile_invalid', checked.errors[0]!.message);
}

function pythonOf(inputs: DigestInputs): InterpreterReport {
  if (inputs.python === null) throw new Error('a uv tree needs an interpreter');
  return inputs.python;
}

function expectedPackages(inputs: DigestInputs): LockedPackage[] {
  return lockedPackages(lockOf(inputs), markerEnvironment(pythonOf(inputs)));
}

/** The manifest says only what uv needs to accept the lockfile: it has to be the same for everybody. */
function treeManifest(lock: UvLock): string {
  return [
    '# Written by Darb for uv.lock. What was asked for stands in the manifest of the revision.',
    '[project]',
    `name = "${TREE_PROJECT}"`,
    `version = "${TREE_VERSION}"`,
    `requires-python = ${JSON.stringify(lock.requiresPython)}`,
    'dependencies = []',
    '',
  ].join('\n');
}

export async function writeUvTree(tree: string, inputs: DigestInputs): Promise<void> {
  await mkdir(tree, { recursive: true });
  if ((await readdir(tree)).length > 0)
    throw new Error(`${tree} is not empty; a tree is never built in place`);
  await writeFile(path.join(tree, 'pyproject.toml'), treeManifest(lockOf(inputs)));
  await writeFile(path.join(tree, 'uv.lock'), inputs.lockfile);
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
  const total = expectedPackages(inputs).length;
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
  const sitePackages = await sitePackagesOf(path.join(tree, PREFIX));
  if (sitePackages === null) return [];
  return (await readdir(sitePackages).catch(() => [])).filter((name) => name.endsWith('.dist-info'));
}

function failVerification(message: string, extract: string | null = null): never {
  throw new PackageManagerError('verification_failed', message, extract);
}

function compareSets(expected: LockedPackage[], installed: Distribution[]): string | null {
  const wanted = new Map(expected.map((one) => [one.name, one.version]));
  const found = new Map(installed.map((one) => [one.name, one.version]));
  const faults = [
    ...[...wanted]
      .filter(([name]) => !found.has(name))
      .map(([name, version]) => `missing: ${name} ${version}`),
    ...[...found]
      .filter(([name]) => !wanted.has(name))
      .map(([name, version]) => `not in the lockfile: ${name} ${version}`),
    ...[...wanted]
      .filter(([name, version]) => found.has(name) && found.get(name) !== version)
      .map(([name, version]) => `${name}: locked ${version}, installed ${found.get(name)}`),
  ];
  return faults.length === 0 ? null : faults.join('\n');
}

/** uv's own opinion, for the case that this library and uv read a marker differently. Runs nothing of the tree. */
async function uvAgrees(
  settings: PackageManagerSettings,
  tree: string,
  python: InterpreterReport,
  context: RunContext,
): Promise<boolean> {
  const args = [
    'sync',
    '--frozen',
    '--check',
    '--no-install-project',
    '--no-default-groups',
    '-p',
    python.path,
  ];
  const command = await uvCommand(settings, context, { args, cwd: tree, phase: 'verify', python });
  return (await runTool(context, command)).exitCode === 0;
}

/** A wheel whose own RECORD contradicts it deserves another sentence than a damaged disk, but fails all the same. */
async function recordedFiles(installed: Distribution[], prefix: string): Promise<RecordEntry[]> {
  const records = await Promise.all(installed.map((one) => readRecord(one, prefix)));
  const without = installed.filter((_one, index) => records[index] === null);
  if (without.length > 0) {
    const names = without.map((one) => one.name).join(', ');
    failVerification(`The record of files of ${names} is missing or names files outside of the environment.`);
  }
  return records.flatMap((one) => one ?? []);
}

/**
 * The environment's Python is the one that was chosen: told by its links, never by starting it, because a package can
 * bring files (`pyvenv.cfg`, `python._pth`) that make it run code even with `-I -S`.
 */
async function assertPythonLinked(prefix: string, python: InterpreterReport): Promise<void> {
  const linked = await realpath(path.join(prefix, 'bin/python')).catch(() => null);
  const configuration = await readFile(path.join(prefix, 'pyvenv.cfg'), 'utf8').catch(() => '');
  const home = /^home = (.+)$/m.exec(configuration)?.[1]?.trim();
  if (linked === python.path && home === path.dirname(python.path)) return;
  const found =
    linked === null ? 'bin/python leads nowhere' : `bin/python is ${linked}, home is ${home ?? 'missing'}`;
  failVerification(`The environment's Python is not Python ${python.version} at ${python.path}.`, found);
}

export async function verifyUvTree(
  settings: PackageManagerSettings,
  tree: string,
  inputs: DigestInputs,
  context: RunContext,
  onProgress?: ProgressListener,
): Promise<VerifyOutcome> {
  const python = pythonOf(inputs);
  await assertInterpreterThere(python);
  const prefix = path.join(tree, PREFIX);
  const sitePackages = await sitePackagesOf(prefix);
  if (sitePackages === null) failVerification('The environment has no Python.');
  const installed = await readDistributions(sitePackages);
  const difference = compareSets(expectedPackages(inputs), installed);
  if (difference !== null && !(await uvAgrees(settings, tree, python, context))) {
    failVerification('What is installed is not what the lockfile says.', difference);
  }
  await assertPythonLinked(prefix, python);
  const files = await recordedFiles(installed, prefix);
  const faults = await checkFiles(files, (done, total) => onProgress?.({ phase: 'verify', done, total }));
  if (faults.length === 0) return { filesChecked: files.length };
  const list = faults.map((one) => `${path.relative(tree, one.path)} ${one.fault}`).join('\n');
  failVerification(
    'Installed files are not what their packages recorded. Try again; if it stays so, the package itself is broken.',
    list,
  );
}

export async function inventoryUvTree(tree: string, manifest: string): Promise<Inventory> {
  const prefix = path.join(tree, PREFIX);
  const sitePackages = await sitePackagesOf(prefix);
  const installed = sitePackages === null ? [] : await readDistributions(sitePackages);
  const parsed = parsePyproject(manifest);
  const requested = new Map(
    parsed.ok ? parsed.manifest.dependencies.map((spec) => [spec.name, spec.raw]) : [],
  );
  const packages = await Promise.all(
    installed.map(async (one): Promise<PackageRecord> => {
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
    }),
  );
  const configuration = await readFile(path.join(prefix, 'pyvenv.cfg'), 'utf8').catch(() => '');
  const pythonVersion = /^version_info = (\S+)/m.exec(configuration)?.[1] ?? null;
  return { packages, ...(await measureTree(tree)), pythonVersion };
}
