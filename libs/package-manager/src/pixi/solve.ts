/** From a change to a manifest and a lockfile, by `pixi add|remove|update|lock` in a fresh folder. */
import type { EnvironmentChange } from '@darb/models';
import { digestOf, DIGEST_SCHEMA, majorMinor } from '../digest.js';
import { accepted, PackageManagerError } from '../errors.js';
import type { PixiPackage } from '../lockfiles/pixi-lock.js';
import type { DigestInputs, PackageManagerSettings, RunContext, Solution, SolveRequest } from '../port.js';
import { parseNames, parseSpecs } from '../specs/parse-specs.js';
import { normalizeName } from '../specs/text.js';
import { currentLibc, currentPlatform } from '../surroundings.js';
import { runOnText } from '../offload/index.js';
import { availableTool, runTool } from '../tool-process.js';
import { pixiCommand } from './command.js';
import { pixiFailure } from './failures.js';
import {
  assertPypiAllowed,
  named,
  openProject,
  ProjectFolder,
  type Project,
  type SolvedProject,
} from './project.js';
import { keepLock } from './tree-lock.js';

/** One solve: the project, its folder, and the calls made in it. */
class PixiSolve {
  private readonly folder: ProjectFolder;

  constructor(
    private readonly settings: PackageManagerSettings,
    private readonly context: RunContext,
    private readonly request: SolveRequest,
    private readonly project: Project | null,
  ) {
    this.folder = new ProjectFolder(context.scratch, request);
  }

  async run(wantedName: string): Promise<SolvedProject> {
    const { change } = this.request;
    if ('lockfile' in change && change.lockfile !== null)
      accepted(await runOnText('lockfile_invalid', 'checkLockfile', 'pixi', change.lockfile));
    if ((this.project?.manifest.pypiDependencies.length ?? 0) > 0) assertPypiAllowed(this.context);
    await this.folder.write(this.project);
    await this.change(change);
    // `add` of what is there already writes nothing, and neither does a create without packages.
    if (!(await this.folder.hasLockfile())) await this.pixi(['lock']);
    return this.folder.read(wantedName);
  }

  private async change(change: EnvironmentChange): Promise<void> {
    switch (change.type) {
      case 'create':
        return change.manifest === null ? this.add(change) : this.pixi(['lock']);
      case 'install':
        return this.add(change);
      case 'remove':
        return this.remove(change.packages);
      case 'update':
        return this.update(change.packages);
      default:
        return this.pixi(['lock']);
    }
  }

  private async add(change: { packages: string[]; pypi_packages: string[] }): Promise<void> {
    if (change.pypi_packages.length > 0) assertPypiAllowed(this.context);
    if (change.packages.length > 0) {
      const { specs } = accepted(parseSpecs('pixi', change.packages));
      await this.pixi(
        ['add', '--no-install'],
        specs.map((spec) => spec.raw),
      );
    }
    if (change.pypi_packages.length > 0) {
      const { specs } = accepted(parseSpecs('pypi', change.pypi_packages));
      await this.pixi(
        ['add', '--no-install', '--pypi'],
        specs.map((spec) => spec.raw),
      );
    }
  }

  private async remove(packages: string[]): Promise<void> {
    const wanted = accepted(parseNames('pixi', packages)).names;
    const conda = new Set(this.project?.manifest.dependencies.map((spec) => spec.name));
    const pypi = new Set(this.project?.manifest.pypiDependencies.map((spec) => spec.name));
    const missing = wanted.filter((name) => !conda.has(name) && !pypi.has(normalizeName(name)));
    if (missing.length > 0) throw notInEnvironment(missing, [...conda, ...pypi]);
    const fromConda = wanted.filter((name) => conda.has(name));
    const fromPypi = wanted.filter((name) => !conda.has(name)).map(normalizeName);
    if (fromConda.length > 0) await this.pixi(['remove', '--no-install'], fromConda);
    if (fromPypi.length > 0) await this.pixi(['remove', '--no-install', '--pypi'], fromPypi);
  }

  private async update(packages: string[] | null): Promise<void> {
    const names = packages === null ? [] : accepted(parseNames('pixi', packages)).names;
    return this.pixi(['update', '--no-install'], names);
  }

  private async pixi(args: string[], operands: string[] = []): Promise<void> {
    const call = { args, operands, folder: this.folder.path, phase: 'solve' as const };
    const result = await runTool(this.context, await pixiCommand(this.settings, this.context, call));
    if (result.exitCode !== 0) throw pixiFailure(result);
  }
}

function notInEnvironment(names: string[], requested: string[]): PackageManagerError {
  const list = names.map((name) => `\`${name}\``).join(', ');
  const hint = requested.length === 0 ? 'there are none' : requested.join(', ');
  const message = `${list} ${names.length === 1 ? 'is' : 'are'} not in this environment. Only requested packages can be removed: ${hint}.`;
  return new PackageManagerError('package_not_in_environment', message);
}

/** This platform's packages. Throws when the lock has none of them although the manifest asks for some. */
function packagesHere({ lock, manifest }: SolvedProject): PixiPackage[] {
  const platform = currentPlatform();
  if (!manifest.platforms.includes(platform)) {
    const message = `The environment is for ${manifest.platforms.join(', ')}; this worker is ${platform}. Add the platform to the environment.`;
    throw new PackageManagerError('platform_unsupported', message);
  }
  const packages = lock.platforms.get(platform) ?? [];
  // A package may be asked for on other platforms only, so a plain count says nothing when there are targets.
  if (packages.length === 0 && manifest.dependencies.length > 0 && !/^\s*\[target/m.test(manifest.text)) {
    throw new PackageManagerError(
      'tool_failed',
      'pixi said that all is well, but its lockfile holds no package.',
    );
  }
  return packages;
}

function digestInputsOf(lockfile: string, context: RunContext): DigestInputs {
  return {
    schema: DIGEST_SCHEMA,
    pool: context.pool.name,
    manager: 'pixi',
    tool: majorMinor(context.report.version!),
    platform: currentPlatform(),
    libc: currentLibc(),
    python: null,
    lockfile,
    groups: [],
    extras: [],
    environment: 'default',
    options: { no_build: true },
  };
}

/** The base again: its texts are those of the new revision. */
async function restored({ change }: SolveRequest, project: Project | null): Promise<SolvedProject | null> {
  if (change.type !== 'rollback' && change.type !== 'clone') return null;
  if (project === null || project.lockfile === null)
    throw new Error(`a ${change.type} needs the revision that it restores`);
  const { manifest, lockfile } = project;
  return named({ manifest, lockfile }, manifest.projectName);
}

export async function solvePixi(
  settings: PackageManagerSettings,
  request: SolveRequest,
  context: RunContext,
): Promise<Solution> {
  availableTool(context);
  const project = await openProject(request);
  const name = project?.manifest.projectName ?? request.environmentName;
  const solved =
    (await restored(request, project)) ??
    (await new PixiSolve(settings, context, request, project).run(name));
  const packages = packagesHere(solved);
  if (packages.some((one) => one.kind === 'pypi')) assertPypiAllowed(context);
  const digestInputs = digestInputsOf(solved.lockfile, context);
  keepLock(digestInputs, solved.lock);
  return {
    manifest: solved.manifest.text,
    lockfile: solved.lockfile,
    digestInputs,
    digest: digestOf(digestInputs),
    toolVersion: context.report.version!,
    packages: packages
      .toSorted((left, right) => (left.name < right.name ? -1 : 1))
      .map(({ name: one, version, kind, build }) => ({ name: one, version, kind, build })),
  };
}
