/** A uv tree that was just installed, held against its lockfile and the records of its packages. */
import path from 'node:path';
import type { InterpreterReport } from '@darb/models';
import { PackageManagerError } from '../errors.js';
import type {
  DigestInputs,
  LockedPackage,
  PackageManagerSettings,
  ProgressListener,
  RunContext,
  VerifyOutcome,
} from '../port.js';
import { readDistributions, readRecord, sitePackagesOf, type Distribution } from '../python/dist-info.js';
import type { RecordEntry } from '../python/dist-info.js';
import { runTool } from '../tool-process.js';
import { checkFiles } from '../trees/check-files.js';
import { uvCommand } from './command.js';
import { assertInterpreterThere } from './interpreters.js';
import { pythonFault } from './look.js';
import { lockOf, pythonOf } from './tree-lock.js';
import { UV_PREFIX } from './tree-files.js';

function failVerification(message: string, extract: string | null = null): never {
  throw new PackageManagerError('verification_failed', message, extract);
}

/** Both ways: what is locked and not installed, what is installed and not locked. Null: the sets are equal. */
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

/**
 * The set by uv's own reading of markers, for the case that it differs from this library's. uv is asked what it would
 * install into an environment that does not exist: to look at the real one it would start its Python.
 */
async function packagesByUv(
  settings: PackageManagerSettings,
  tree: string,
  python: InterpreterReport,
  context: RunContext,
): Promise<LockedPackage[] | null> {
  const flags = ['--frozen', '--dry-run', '--no-install-project', '--no-default-groups'];
  const args = ['sync', ...flags, '--output-format', 'json', '-p', python.path];
  const command = await uvCommand(settings, context, { args, cwd: tree, phase: 'verify', python });
  const nowhere = path.join(context.scratch, 'no-environment');
  const env = { ...command.env, UV_PROJECT_ENVIRONMENT: nowhere };
  const result = await runTool(context, { ...command, env });
  if (result.exitCode !== 0) return null;
  try {
    const { sync } = JSON.parse(result.stdout) as { sync: { changes: { name: string; version: string }[] } };
    return sync.changes.map(({ name, version }) => ({ name, version, kind: 'pypi', build: null }));
  } catch {
    return null;
  }
}

async function recordedFiles(installed: Distribution[], prefix: string): Promise<RecordEntry[]> {
  const records = await Promise.all(installed.map((one) => readRecord(one, prefix)));
  const without = installed.filter((_one, index) => records[index] === null);
  if (without.length > 0) {
    const names = without.map((one) => one.name).join(', ');
    failVerification(`The record of files of ${names} is missing or names files outside of the environment.`);
  }
  return records.flatMap((one) => one ?? []);
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
  const prefix = path.join(tree, UV_PREFIX);
  const fault = await pythonFault(prefix, python);
  if (fault !== null) failVerification(fault.message);
  const sitePackages = await sitePackagesOf(prefix);
  if (sitePackages === null) failVerification('The environment has no Python.');
  const installed = await readDistributions(sitePackages);
  const { packages } = await lockOf(inputs);
  const difference = compareSets(packages, installed);
  if (difference !== null) {
    const byUv = await packagesByUv(settings, tree, python, context);
    if (byUv === null || compareSets(byUv, installed) !== null)
      failVerification('What is installed is not what the lockfile says.', difference);
  }
  const files = await recordedFiles(installed, prefix);
  const faults = await checkFiles(files, (done, total) => onProgress?.({ phase: 'verify', done, total }));
  if (faults.length === 0) return { filesChecked: files.length, warnings: [] };
  const list = faults.map((one) => `${path.relative(tree, one.path)} ${one.fault}`).join('\n');
  failVerification(
    'Installed files are not what their packages recorded. Try again; if it stays so, the package itself is broken.',
    list,
  );
}
