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
import { readDistributions, sitePackagesOf, type Distribution } from '../python/dist-info.js';
import { runTool } from '../tool-process.js';
import { checkFiles } from '../trees/check-files.js';
import type { FileFault } from '../trees/hashing.js';
import { verifiedFilesOf } from '../trees/verified-files.js';
import { uvCommand } from './command.js';
import { assertInterpreterThere } from './interpreters.js';
import { pythonFault } from './look.js';
import { RecordedFiles } from './recorded-files.js';
import { askAgain, forgetCached, type Suspicion } from './second-opinion.js';
import { lockOf, pythonOf } from './tree-lock.js';
import { UV_PREFIX } from './tree-files.js';

const MAX_WARNINGS = 50;

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
  const recorded = await RecordedFiles.read(installed, prefix);
  const total = recorded.count;
  const { faults } = await checkFiles(recorded.plain, {
    onProgress: (done) => onProgress?.({ phase: 'verify', done, total }),
    verified: context.checkEveryFile ? null : await verifiedFilesOf(context.pool.path),
  });
  const shared = recorded.checkShared();
  onProgress?.({ phase: 'verify', done: total, total });
  faults.push(...shared.faults);
  if (faults.length === 0) return { filesChecked: total, warnings: bounded(shared.warnings) };
  const names = installed.map((one) => one.name);
  const suspicion = { tree, python, installed: names, suspects: ownersOf(faults, recorded), faults };
  const published = await explain(settings, context, suspicion, recorded);
  return { filesChecked: total, warnings: bounded([...shared.warnings, ...published]) };
}

function ownersOf(faults: FileFault[], recorded: RecordedFiles): string[] {
  return [...new Set(faults.flatMap((one) => recorded.ownersOf(one.path)))];
}

/** Warnings for files that are as their archive has them. Throws for others, once the cache has let go of them. */
async function explain(
  settings: PackageManagerSettings,
  context: RunContext,
  suspicion: Suspicion,
  recorded: RecordedFiles,
): Promise<string[]> {
  const { tree } = suspicion;
  const { asPublished, damaged } = await askAgain(settings, context, suspicion);
  if (damaged.length > 0) {
    await forgetCached(settings, context, { ...suspicion, suspects: ownersOf(damaged, recorded) });
    failDamaged(tree, damaged);
  }
  return asPublished.map((one) => {
    const file = path.relative(path.join(tree, UV_PREFIX), one.path);
    const owners = recorded.ownersOf(one.path).join(' and ');
    return `${owners}: the package’s own record contradicts its archive (${file} ${one.fault}); it is installed as it was published.`;
  });
}

function failDamaged(tree: string, faults: FileFault[]): never {
  const list = faults.slice(0, 5).map((one) => `${path.relative(tree, one.path)} ${one.fault}`);
  if (faults.length > list.length) list.push(`and ${faults.length - list.length} more`);
  failVerification(
    'Installed files were changed or lost after they were unpacked. The packages are fetched again next time: try again. If it stays so, look at the disk of the worker.',
    list.join('\n'),
  );
}

function bounded(warnings: string[]): string[] {
  if (warnings.length <= MAX_WARNINGS) return warnings;
  const kept = warnings.slice(0, MAX_WARNINGS - 1);
  return [...kept, `${warnings.length - kept.length} more warnings of this kind are left out.`];
}
