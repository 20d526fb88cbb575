/** A pixi tree: written from the digest's inputs, installed, held against its lock, read. */
import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { PackageRecord } from '@darb/models';
import { PackageManagerError } from '../errors.js';
import { parsePixiLock, type PixiLock, type PixiPackage } from '../lockfiles/pixi-lock.js';
import { newPixiManifest, TREE_WORKSPACE } from '../manifests/pixi-settings.js';
import { parsePixiToml } from '../manifests/pixi-toml.js';
import type {
  DigestInputs,
  Inventory,
  PackageManagerSettings,
  ProgressListener,
  RunContext,
  VerifyOutcome,
} from '../port.js';
import { readDistributions, readRecord, sitePackagesOf, type Distribution } from '../python/dist-info.js';
import { extractError, runTool } from '../tool-process.js';
import { checkFiles, type ExpectedFile } from '../trees/hashing.js';
import { watchCount } from '../trees/progress.js';
import { measureTree } from '../trees/walk.js';
import { PIXI_LOCKFILE, PIXI_MANIFEST, pixiCommand } from './command.js';
import { readCondaRecords, type CondaRecord } from './conda-meta.js';
import { pixiFailure } from './failures.js';
import { assertPypiAllowed } from './solve.js';

const PREFIX = '.pixi/envs/default';

function lockOf(text: string): PixiLock {
  const checked = parsePixiLock(text);
  if (checked.ok) return checked.lock;
  throw new PackageManagerError('lockfile_invalid', checked.errors[0]!.message);
}

function expectedPackages(inputs: DigestInputs): PixiPackage[] {
  return lockOf(inputs.lockfile).platforms.get(inputs.platform) ?? [];
}

export async function writePixiTree(tree: string, inputs: DigestInputs): Promise<void> {
  const lock = lockOf(inputs.lockfile);
  await mkdir(tree, { recursive: true });
  if ((await readdir(tree)).length > 0)
    throw new Error(`${tree} is not empty; a tree is never built in place`);
  const platforms = lock.platforms.size > 0 ? [...lock.platforms.keys()] : [inputs.platform];
  const manifest = newPixiManifest({
    name: TREE_WORKSPACE,
    channels: lock.channels,
    platforms,
    python: null,
  });
  const comment =
    '# Written by Darb for pixi.lock. What was asked for stands in the manifest of the revision.\n';
  await writeFile(path.join(tree, PIXI_MANIFEST), comment + manifest);
  await writeFile(path.join(tree, PIXI_LOCKFILE), inputs.lockfile);
}

async function recordNames(tree: string): Promise<string[]> {
  const names = await readdir(path.join(tree, PREFIX, 'conda-meta')).catch(() => []);
  return names.filter((name) => name.endsWith('.json'));
}

export async function installPixiTree(
  settings: PackageManagerSettings,
  tree: string,
  inputs: DigestInputs,
  context: RunContext,
  onProgress?: ProgressListener,
): Promise<void> {
  const expected = expectedPackages(inputs);
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

/** conda packages of Python libraries have a dist-info too: only what the lock calls PyPI is looked at. */
async function pypiDistributions(
  prefix: string,
  expected: PixiPackage[],
): Promise<Map<string, Distribution>> {
  const names = new Set(expected.map((one) => one.name));
  const sitePackages = names.size === 0 ? null : await sitePackagesOf(prefix);
  if (sitePackages === null) return new Map();
  const all = await readDistributions(sitePackages);
  return new Map(all.filter((one) => names.has(one.name)).map((one) => [one.name, one]));
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
  const file = path.join(tree, PREFIX, 'bin/python');
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
  const prefix = path.join(tree, PREFIX);
  const expected = expectedPackages(inputs);
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
  const faults = await checkFiles(files, (done, total) => onProgress?.({ phase: 'verify', done, total }));
  if (faults.length > 0) {
    const list = faults.map((one) => `${path.relative(tree, one.path)} ${one.fault}`).join('\n');
    failVerification(
      'Installed files are not what their packages recorded. Try again; if it stays so, the package itself is broken.',
      list,
    );
  }
  const python = records.find((one) => one.name === 'python');
  if (python !== undefined && context.sandboxed) await assertStarts(settings, tree, python.version, context);
  return { filesChecked: files.length };
}

export async function inventoryPixiTree(tree: string, manifest: string): Promise<Inventory> {
  const prefix = path.join(tree, PREFIX);
  const lockfile = await readFile(path.join(tree, PIXI_LOCKFILE), 'utf8').catch(() => null);
  const locked = lockfile === null ? [] : [...lockOf(lockfile).platforms.values()].flat();
  const records = (await readCondaRecords(prefix)) ?? [];
  const pypi = await pypiDistributions(
    prefix,
    locked.filter((one) => one.kind === 'pypi'),
  );
  const requested = requestedSpecs(manifest);
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
function requestedSpecs(manifest: string): { conda: Map<string, string>; pypi: Map<string, string> } {
  const channels = [...manifest.matchAll(/"([^"]+)"/g)].map((match) => match[1]!);
  const parsed = parsePixiToml(manifest, { allowedChannels: channels });
  const specs = parsed.ok ? parsed.manifest : { dependencies: [], pypiDependencies: [] };
  return {
    conda: new Map(specs.dependencies.map((one) => [one.name, one.version])),
    pypi: new Map(specs.pypiDependencies.map((one) => [one.name, one.version])),
  };
}
