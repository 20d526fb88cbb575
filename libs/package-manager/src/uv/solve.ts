/** From a change to a manifest and a lockfile, by `uv add|remove|lock` in a fresh folder. */
import type { EnvironmentChange, InterpreterReport } from '@darb/models';
import { digestOf, DIGEST_SCHEMA, majorMinor } from '../digest.js';
import { accepted, PackageManagerError } from '../errors.js';
import { treeLockfile, TREE_PROJECT } from '../lockfiles/uv-tree-lock.js';
import type { ParsedManifest } from '../manifests/types.js';
import type { DigestInputs, PackageManagerSettings, RunContext, Solution, SolveRequest } from '../port.js';
import { parseNames, parseSpecs } from '../specs/parse-specs.js';
import { currentLibc, currentPlatform } from '../surroundings.js';
import { runOnText } from '../offload/index.js';
import { availableTool, runTool } from '../tool-process.js';
import { uvCommand } from './command.js';
import { uvFailure } from './failures.js';
import { assertInterpreterThere, chooseInterpreter, interpreterOfTree } from './interpreters.js';
import {
  named,
  notAsUvWrites,
  openProject,
  ProjectFolder,
  readLock,
  renameLocked,
  type Project,
  type SolvedProject,
} from './project.js';
import { keepLock } from './tree-lock.js';

/** One solve: the project, its folder, its interpreter, and the calls made in it. */
class UvSolve {
  private readonly folder: ProjectFolder;

  constructor(
    private readonly settings: PackageManagerSettings,
    private readonly context: RunContext,
    private readonly python: InterpreterReport,
    private readonly request: SolveRequest,
    private readonly project: Project | null,
  ) {
    this.folder = new ProjectFolder(context.scratch);
  }

  async run(wantedName: string): Promise<SolvedProject> {
    const { change } = this.request;
    const given = 'lockfile' in change ? change.lockfile : null;
    await this.folder.write(await this.startingProject(given), this.python, pythonOf(this.request));
    await this.change(change);
    const solved = await this.folder.read(wantedName, this.python);
    if (given !== null) await compareWithGiven(given, solved.lockfile, this.context.log);
    return solved;
  }

  /** A given lockfile decides versions, else the versions of the base are kept where the manifest lets them. */
  private async startingProject(given: string | null): Promise<Project | null> {
    if (this.project === null) return null;
    const { manifest, lockfile } = this.project;
    if (given === null)
      return { manifest, lockfile: lockfile === null ? null : renameLocked(lockfile, TREE_PROJECT) };
    const renamed = renameLocked(given, TREE_PROJECT);
    const checked = await runOnText('lockfile_invalid', 'checkAsPreferences', renamed);
    const { preferences } = accepted(checked);
    if (preferences === null) throw notAsUvWrites();
    return { manifest, lockfile: preferences };
  }

  private async change(change: EnvironmentChange): Promise<void> {
    switch (change.type) {
      case 'create':
      case 'install':
        return this.add([...change.packages, ...change.pypi_packages]);
      case 'remove':
        return this.remove(change.packages);
      case 'update':
        return this.update(change.packages);
      default:
        return this.uv(['lock']);
    }
  }

  private async add(packages: string[]): Promise<void> {
    if (packages.length === 0) return this.uv(['lock']);
    const { specs } = accepted(parseSpecs('uv', packages));
    return this.uv(
      ['add', '--no-sync', '--raw'],
      specs.map((spec) => spec.raw),
    );
  }

  private async remove(packages: string[]): Promise<void> {
    const wanted = accepted(parseNames('uv', packages)).names;
    assertRequested(wanted, this.project?.manifest ?? null);
    return this.uv(['remove', '--no-sync'], wanted);
  }

  private async update(packages: string[] | null): Promise<void> {
    if (packages === null) return this.uv(['lock', '--upgrade']);
    const wanted = accepted(parseNames('uv', packages)).names;
    // uv takes an unknown name here without a word.
    const lockfile = this.project?.lockfile ?? null;
    const known = lockfile === null ? [] : (await readLock(lockfile, this.python)).names;
    const missing = wanted.filter((name) => !known.includes(name));
    if (missing.length > 0) throw notInEnvironment(missing);
    return this.uv(['lock', ...wanted.flatMap((name) => ['--upgrade-package', name])]);
  }

  private async uv(args: string[], operands: string[] = []): Promise<void> {
    const all = [...args, '-p', this.python.path, ...(operands.length > 0 ? ['--', ...operands] : [])];
    const call = { args: all, cwd: this.folder.path, phase: 'solve' as const, python: this.python };
    const result = await runTool(this.context, await uvCommand(this.settings, this.context, call));
    if (result.exitCode !== 0) throw uvFailure(result);
  }
}

/** Versions may move when the manifest asks for it, which is said; a file that has another hash now is a fault. */
async function compareWithGiven(given: string, solved: string, log: (text: string) => void): Promise<void> {
  const checked = await runOnText('lockfile_invalid', 'compareGivenLock', given, solved);
  const { isSolved, moved, changedFile } = accepted(checked).comparison;
  if (!isSolved) throw new PackageManagerError('tool_failed', 'uv took the given lockfile as it is.');
  if (changedFile !== null) {
    const message = `${changedFile.file} has another hash on the index than in the given lockfile. Do not install it before you know why.`;
    const extract = `given ${changedFile.given}\nindex ${changedFile.index}`;
    throw new PackageManagerError('integrity', message, extract);
  }
  if (moved.length > 0)
    log(
      `Not kept from the given lockfile, because the manifest or the index says otherwise: ${moved.join(', ')}`,
    );
}

function notInEnvironment(names: string[], hint = ''): PackageManagerError {
  const list = names.map((name) => `\`${name}\``).join(', ');
  const verb = names.length === 1 ? 'is' : 'are';
  return new PackageManagerError(
    'package_not_in_environment',
    `${list} ${verb} not in this environment.${hint}`,
  );
}

function assertRequested(names: string[], manifest: ParsedManifest | null): void {
  const requested = new Set(manifest?.dependencies.map((spec) => spec.name));
  const missing = names.filter((name) => !requested.has(name));
  if (missing.length === 0) return;
  const list = [...requested].join(', ');
  throw notInEnvironment(
    missing,
    ` Only requested packages can be removed${list === '' ? '; there are none.' : `: ${list}.`}`,
  );
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

function pythonOf({ change, python }: SolveRequest): string | null {
  return change.type === 'create' ? (change.python ?? python) : python;
}

async function choosePython(
  request: SolveRequest,
  project: Project | null,
  context: RunContext,
): Promise<InterpreterReport> {
  const python = chooseInterpreter(context.report.interpreters, {
    request: pythonOf(request),
    requiresPython: project?.manifest.requiresPython ?? null,
    current: await interpreterOfTree(request.baseTree),
  });
  await assertInterpreterThere(python);
  return python;
}

/** The base again: its texts are those of the new revision. */
function restored({ change, base }: SolveRequest): { manifest: string; lockfile: string } | null {
  if (change.type !== 'rollback' && change.type !== 'clone') return null;
  if (base === null) throw new Error(`a ${change.type} needs the revision that it restores`);
  return base;
}

export async function solveUv(
  settings: PackageManagerSettings,
  request: SolveRequest,
  context: RunContext,
): Promise<Solution> {
  availableTool(context);
  const project = await openProject(request);
  const python = await choosePython(request, project, context);
  const name = project?.manifest.projectName ?? request.environmentName;
  const texts = restored(request);
  const solved =
    texts === null
      ? await new UvSolve(settings, context, python, request, project).run(name)
      : await named(texts, name, python);
  const digestInputs = uvDigestInputs(solved.lockfile, python, context);
  keepLock(digestInputs, solved.lock);
  return {
    manifest: solved.manifest,
    lockfile: solved.lockfile,
    digestInputs,
    digest: digestOf(digestInputs),
    toolVersion: context.report.version!,
    packages: solved.lock.packages,
  };
}
