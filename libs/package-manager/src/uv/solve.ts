/** From a change to a manifest and a lockfile, by `uv init|add|remove|lock` in a fresh folder. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { InterpreterReport } from '@darb/models';
import { digestOf, DIGEST_SCHEMA, majorMinor } from '../digest.js';
import { PackageManagerError, type PackageManagerErrorCode } from '../errors.js';
import {
  asPreferences,
  isStillPreferences,
  renameLockedProject,
  treeLockfile,
  TREE_PROJECT,
} from '../lockfiles/uv-tree-lock.js';
import { parseUvLock, type UvLock } from '../lockfiles/uv-lock.js';
import { parsePyproject, renameProject } from '../manifests/pyproject.js';
import { replaceString } from '../manifests/toml.js';
import type { ParsedManifest } from '../manifests/types.js';
import type {
  DigestInputs,
  EnvironmentChange,
  PackageManagerSettings,
  RunContext,
  Solution,
  SolveRequest,
} from '../port.js';
import { checkPythonRequest } from '../specs/names.js';
import { parseNames, parseSpecs } from '../specs/parse-specs.js';
import { normalizeName } from '../specs/text.js';
import type { Checked } from '../specs/types.js';
import { currentLibc, currentPlatform, markerEnvironment } from '../surroundings.js';
import { runTool } from '../tool-process.js';
import { uvCommand } from './command.js';
import { uvFailure } from './failures.js';
import { assertInterpreterThere, chooseInterpreter, interpreterOfTree } from './interpreters.js';
import { lockedPackages } from './locked-packages.js';

const MANIFEST = 'pyproject.toml';
const LOCKFILE = 'uv.lock';

/** Unwraps a check of text that was checked at the request already; here it guards the spawn itself. */
function accepted<T>(checked: Checked<T>): T {
  if (checked.ok) return checked;
  const [first] = checked.errors;
  throw new PackageManagerError(first!.code as PackageManagerErrorCode, first!.message);
}

/** One solve: the project's folder, its interpreter, and the calls made in it. */
class UvSolve {
  private readonly folder: string;

  constructor(
    private readonly settings: PackageManagerSettings,
    private readonly context: RunContext,
    private readonly python: InterpreterReport,
  ) {
    this.folder = path.join(context.scratch, 'project');
  }

  /** Solves the change; afterwards manifest and lockfile are in the folder, under the tree's project name. */
  async apply(request: SolveRequest): Promise<void> {
    // A repeated solve of one job starts over.
    await rm(this.folder, { recursive: true, force: true });
    await mkdir(this.folder, { recursive: true });
    const { change, base } = request;
    if (change.kind === 'replace') return this.replace(change, base?.lockfile ?? null);
    if (base === null) await this.init(request);
    else await this.write(base.manifest, renameLockedProject(base.lockfile, TREE_PROJECT));
    return this.change(change, base?.lockfile ?? null);
  }

  async read(): Promise<{ manifest: string; lockfile: string }> {
    const lockfile = await readFile(path.join(this.folder, LOCKFILE), 'utf8').catch(() => null);
    if (lockfile === null)
      throw new PackageManagerError('tool_failed', 'uv said that all is well, but wrote no lockfile.');
    return { manifest: await this.readManifest(), lockfile };
  }

  private async change(
    change: Exclude<EnvironmentChange, { kind: 'replace' }>,
    lockfile: string | null,
  ): Promise<void> {
    if (change.kind === 'create' || change.kind === 'add') return this.add(change);
    if (change.kind === 'remove') return this.remove(change.names);
    if (change.kind === 'update') return this.update(change.names, lockfile);
    return this.uv(['lock']);
  }

  private async init(request: SolveRequest): Promise<void> {
    await this.uv(['init', '--bare', '--no-workspace', '--name', TREE_PROJECT]);
    const wish = request.python === null ? null : checkPythonRequest(request.python);
    const range = wish?.ok ? wish.python.requiresPython : null;
    if (range === null) return;
    const manifest = replaceString(await this.readManifest(), 'project', 'requires-python', range);
    if (manifest !== null) await writeFile(path.join(this.folder, MANIFEST), manifest);
  }

  private async add(change: { packages: string[]; pypiPackages: string[] }): Promise<void> {
    const packages = [...change.packages, ...change.pypiPackages];
    if (packages.length === 0) return this.uv(['lock']);
    const { specs } = accepted(parseSpecs('uv', packages));
    return this.uv(
      ['add', '--no-sync', '--raw'],
      specs.map((spec) => spec.raw),
    );
  }

  private async remove(names: string[]): Promise<void> {
    const wanted = accepted(parseNames('uv', names)).names;
    const { manifest } = accepted(parsePyproject(await this.readManifest()));
    assertRequested(wanted, manifest);
    return this.uv(['remove', '--no-sync'], wanted);
  }

  private async update(names: string[] | null, lockfile: string | null): Promise<void> {
    if (names === null) return this.uv(['lock', '--upgrade']);
    const wanted = accepted(parseNames('uv', names)).names;
    // uv takes an unknown name here without a word.
    const { lock } = accepted(parseUvLock(lockfile ?? (await this.readLockfileOrNothing())));
    const known = new Set(lock.packages.filter((one) => !one.isRoot).map((one) => one.name));
    const missing = wanted.filter((name) => !known.has(name));
    if (missing.length > 0) throw notInEnvironment(missing);
    return this.uv(['lock', ...wanted.flatMap((name) => ['--upgrade-package', name])]);
  }

  /** Without a lockfile of the person's own, the versions of the base are kept where the new manifest lets them. */
  private async replace(
    change: { manifest: string; lockfile: string | null },
    baseLockfile: string | null,
  ): Promise<void> {
    if (change.lockfile === null) {
      await this.write(change.manifest, baseLockfile === null ? null : renameLocked(baseLockfile));
      return this.uv(['lock']);
    }
    const given = accepted(parseUvLock(change.lockfile)).lock;
    const preferences = asPreferences(renameLocked(change.lockfile));
    if (preferences === null) throw notAsUvWrites();
    await this.write(change.manifest, preferences);
    await this.uv(['lock']);
    const { lock } = accepted(parseUvLock((await this.read()).lockfile));
    if (isStillPreferences(lock))
      throw new PackageManagerError('tool_failed', 'uv took the given lockfile as it is.');
    compareWithGiven(given, lock, this.context);
  }

  private async write(manifest: string, lockfile: string | null): Promise<void> {
    accepted(parsePyproject(manifest));
    await writeFile(path.join(this.folder, MANIFEST), renameProject(manifest, TREE_PROJECT));
    if (lockfile !== null) await writeFile(path.join(this.folder, LOCKFILE), lockfile);
  }

  private async readManifest(): Promise<string> {
    return readFile(path.join(this.folder, MANIFEST), 'utf8');
  }

  private async readLockfileOrNothing(): Promise<string> {
    return readFile(path.join(this.folder, LOCKFILE), 'utf8').catch(() => '');
  }

  private async uv(args: string[], operands: string[] = []): Promise<void> {
    const all = [...args, '-p', this.python.path, ...(operands.length > 0 ? ['--', ...operands] : [])];
    const call = { args: all, cwd: this.folder, phase: 'solve' as const, python: this.python };
    const result = await runTool(this.context, await uvCommand(this.settings, this.context, call));
    if (result.exitCode !== 0) throw uvFailure(result);
  }
}

function renameLocked(lockfile: string): string {
  try {
    return renameLockedProject(lockfile, TREE_PROJECT);
  } catch (error) {
    throw notAsUvWrites(error);
  }
}

function notAsUvWrites(cause?: unknown): PackageManagerError {
  const message =
    'This lockfile is not in the form that uv writes. Leave it out and let Darb solve the manifest.';
  return new PackageManagerError('lockfile_invalid', message, null, { cause });
}

function notInEnvironment(names: string[], hint = ''): PackageManagerError {
  const list = names.map((name) => `\`${name}\``).join(', ');
  const verb = names.length === 1 ? 'is' : 'are';
  return new PackageManagerError(
    'package_not_in_environment',
    `${list} ${verb} not in this environment.${hint}`,
  );
}

function assertRequested(names: string[], manifest: ParsedManifest): void {
  const requested = new Set(manifest.dependencies.map((spec) => spec.name));
  const missing = names.filter((name) => !requested.has(name));
  if (missing.length === 0) return;
  const list = [...requested].join(', ');
  throw notInEnvironment(
    missing,
    ` Only what was asked for can be removed${list === '' ? '; nothing was.' : `: ${list}.`}`,
  );
}

/** Versions may move when the manifest asks for it, which is said; a file that has another hash now is a fault. */
function compareWithGiven(given: UvLock, solved: UvLock, context: RunContext): void {
  const now = new Map(solved.packages.map((one) => [`${one.name}==${one.version}`, one]));
  const moved: string[] = [];
  for (const before of given.packages.filter((one) => !one.isRoot)) {
    const after = now.get(`${before.name}==${before.version}`);
    if (after === undefined) moved.push(`${before.name} ${before.version}`);
    for (const [file, hash] of before.files) {
      const other = after?.files.get(file);
      if (other === undefined || other === hash) continue;
      const message = `${file} has another hash on the index than in the given lockfile. Do not install it before you know why.`;
      throw new PackageManagerError('integrity', message, `given ${hash}\nindex ${other}`);
    }
  }
  if (moved.length > 0)
    context.log(
      `Not kept from the given lockfile, because the manifest or the index says otherwise: ${moved.join(', ')}`,
    );
}

/** The project's name in the revision: the person's, unless a package of that name is in the environment itself. */
function projectNameFor(wanted: string, lock: UvLock): string {
  const taken = new Set(lock.packages.filter((one) => !one.isRoot).map((one) => one.name));
  let name = wanted;
  while (taken.has(normalizeName(name))) name = `${name}-environment`;
  return name;
}

function wantedName(request: SolveRequest): string {
  const text = request.change.kind === 'replace' ? request.change.manifest : request.base?.manifest;
  return text === undefined ? request.environmentName : accepted(parsePyproject(text)).manifest.projectName;
}

export function uvDigestInputs(
  lockfile: string,
  python: InterpreterReport,
  context: RunContext,
): DigestInputs {
  return {
    schema: DIGEST_SCHEMA,
    pool: context.pool.name,
    manager: 'uv',
    tool: majorMinor(context.report.version!),
    platform: currentPlatform(),
    libc: currentLibc(),
    python,
    lockfile: treeLockfile(lockfile),
    groups: [],
    extras: [],
    environment: null,
    options: { no_build: true },
  };
}

async function chooseFor(request: SolveRequest, context: RunContext): Promise<InterpreterReport> {
  const text = request.change.kind === 'replace' ? request.change.manifest : request.base?.manifest;
  const python = chooseInterpreter(context.report.interpreters, {
    request: request.python,
    requiresPython: text === undefined ? null : accepted(parsePyproject(text)).manifest.requiresPython,
    current: await interpreterOfTree(request.baseTree),
  });
  await assertInterpreterThere(python);
  return python;
}

export async function solveUv(
  settings: PackageManagerSettings,
  request: SolveRequest,
  context: RunContext,
): Promise<Solution> {
  const python = await chooseFor(request, context);
  let texts: { manifest: string; lockfile: string };
  if (request.change.kind === 'restore' && request.base !== null) {
    texts = request.base;
  } else {
    const solve = new UvSolve(settings, context, python);
    await solve.apply(request);
    texts = await solve.read();
  }
  const { lock } = accepted(parseUvLock(texts.lockfile));
  const name = projectNameFor(wantedName(request), lock);
  const digestInputs = uvDigestInputs(texts.lockfile, python, context);
  return {
    manifest: renameProject(texts.manifest, name),
    lockfile: renameLockedProject(texts.lockfile, normalizeName(name)),
    digestInputs,
    digest: digestOf(digestInputs),
    toolVersion: context.report.version!,
    packages: lockedPackages(lock, markerEnvironment(python)),
  };
}
