/** A pixi tree that was just installed, held against its lockfile and the records of its packages. */
import { access } from 'node:fs/promises';
import path from 'node:path';
import { PackageManagerError } from '../errors.js';
import type { PixiPackage } from '../lockfiles/pixi-lock.js';
import type {
  DigestInputs,
  PackageManagerSettings,
  ProgressListener,
  RunContext,
  VerifyOutcome,
} from '../port.js';
import { readRecord } from '../python/dist-info.js';
import { extractError, runTool } from '../tool-process.js';
import { checkFiles } from '../trees/check-files.js';
import type { ExpectedFile } from '../trees/hashing.js';
import { verifiedFilesOf } from '../trees/verified-files.js';
import { PIXI_LOCKFILE, pixiCommand } from './command.js';
import { readCondaRecords, type CondaRecord } from './conda-meta.js';
import { pypiDistributions } from './pypi.js';
import { expectedPackages } from './tree-lock.js';
import { PIXI_PREFIX } from './tree.js';

function failVerification(message: string, extract: string | null = null): never {
  throw new PackageManagerError('verification_failed', message, extract);
}

function describe(name: string, version: string, build: string | null): string {
  return build === null ? `${name} ${version}` : `${name} ${version} ${build}`;
}

/** Both ways: what the lock says and is not there, what is there and the lock does not say. */
function compareConda(expected: PixiPackage[], records: CondaRecord[]): string[] {
  const wanted = new Map(expected.map((one) => [describe(one.name, one.version, one.build), one]));
  const found = new Map(records.map((one) => [describe(one.name, one.version, one.build), one]));
  return [
    ...[...wanted.keys()].filter((key) => !found.has(key)).map((key) => `missing: ${key}`),
    ...[...found.keys()].filter((key) => !wanted.has(key)).map((key) => `not in the lockfile: ${key}`),
    ...[...wanted]
      .filter(
        ([key, one]) =>
          found.has(key) && found.get(key)!.sha256 !== null && found.get(key)!.sha256 !== one.sha256,
      )
      .map(([key]) => `another archive than locked: ${key}`),
  ];
}

async function pypiFiles(prefix: string, expected: PixiPackage[]): Promise<ExpectedFile[]> {
  const found = await pypiDistributions(prefix, expected);
  const files: ExpectedFile[] = [];
  for (const one of expected) {
    const distribution = found.get(one.name);
    if (distribution?.version !== one.version) {
      failVerification(
        'What is installed is not what the lockfile says.',
        `missing: ${one.name} ${one.version} (PyPI)`,
      );
    }
    const record = await readRecord(distribution, prefix);
    if (record === null)
      failVerification(
        `The record of files of ${one.name} is missing or names files outside of the environment.`,
      );
    files.push(...record);
  }
  return files;
}

/** The interpreter is a package here, so it is started only where a sandbox holds it. */
async function assertStarts(
  settings: PackageManagerSettings,
  tree: string,
  version: string,
  context: RunContext,
): Promise<void> {
  const base = await pixiCommand(settings, context, { args: [], folder: tree, phase: 'verify' });
  const code = 'import sys; print(".".join(map(str, sys.version_info[:3])))';
  const env = {
    PATH: base.env['PATH']!,
    HOME: base.env['HOME']!,
    TMPDIR: base.env['TMPDIR']!,
    LANG: 'C.UTF-8',
  };
  const file = path.join(tree, PIXI_PREFIX, 'bin/python');
  const result = await runTool(context, {
    ...base,
    file,
    env,
    args: ['-I', '-S', '-B', '-c', code],
    secrets: [],
  });
  const started = result.stdout.trim();
  if (result.exitCode === 0 && started !== '' && version.startsWith(started)) return;
  failVerification(
    `The environment's Python does not start (${version} was expected).`,
    extractError(result.stderr),
  );
}

export async function verifyPixiTree(
  settings: PackageManagerSettings,
  tree: string,
  inputs: DigestInputs,
  context: RunContext,
  onProgress?: ProgressListener,
): Promise<VerifyOutcome> {
  // `pixi list` without a lock prints `[]` and exits with 0, so neither it nor an exit code is asked.
  await access(path.join(tree, PIXI_LOCKFILE)).catch(() => failVerification('The tree has no lockfile.'));
  const prefix = path.join(tree, PIXI_PREFIX);
  const expected = await expectedPackages(inputs);
  const conda = expected.filter((one) => one.kind === 'conda');
  const records = await readCondaRecords(prefix);
  if (records === null) failVerification('The environment was not installed: it has no `conda-meta`.');
  const differences = compareConda(conda, records);
  if (differences.length > 0)
    failVerification('What is installed is not what the lockfile says.', differences.join('\n'));
  const escaping = records.filter((one) => one.escapes).map((one) => one.name);
  if (escaping.length > 0)
    failVerification(`${escaping.join(', ')} records files outside of the environment.`);
  const pypi = await pypiFiles(
    prefix,
    expected.filter((one) => one.kind === 'pypi'),
  );
  const files = [...records.flatMap((one) => one.files), ...pypi];
  const { faults } = await checkFiles(files, {
    onProgress: (done, total) => onProgress?.({ phase: 'verify', done, total }),
    verified: context.checkEveryFile ? null : await verifiedFilesOf(context.pool.path),
  });
  if (faults.length > 0) {
    const list = faults
      .slice(0, 5)
      .map((one) => `${path.relative(tree, one.path)} ${one.fault}`)
      .join('\n');
    failVerification(
      'Installed files are not what their packages recorded. Try again; if it stays so, the package itself is broken.',
      list,
    );
  }
  const python = records.find((one) => one.name === 'python');
  if (python !== undefined && context.sandboxed) await assertStarts(settings, tree, python.version, context);
  return { filesChecked: files.length, warnings: [] };
}
