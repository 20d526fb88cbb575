/** From a change to a manifest and a lockfile, by `pixi add|remove|update|lock` in a fresh folder. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { checkLockfile } from '../check-files.js';
import { digestOf, DIGEST_SCHEMA, majorMinor } from '../digest.js';
import { PackageManagerError, type PackageManagerErrorCode } from '../errors.js';
import { parsePixiLock, type PixiLock } from '../lockfiles/pixi-lock.js';
import { newPixiManifest, TREE_WORKSPACE, withEnforcedSettings } from '../manifests/pixi-settings.js';
import { parsePixiToml } from '../manifests/pixi-toml.js';
import { replaceString } from '../manifests/toml.js';
import { DEFAULT_CHANNEL, type ParsedManifest } from '../manifests/types.js';
import type { DigestInputs, PackageManagerSettings, RunContext, Solution, SolveRequest } from '../port.js';
import { parseNames, parseSpecs } from '../specs/parse-specs.js';
import { normalizeName } from '../specs/text.js';
import type { Checked } from '../specs/types.js';
import { currentLibc, currentPlatform } from '../surroundings.js';
import { runTool } from '../tool-process.js';
import { PIXI_LOCKFILE, PIXI_MANIFEST, pixiCommand } from './command.js';
import { pixiFailure } from './failures.js';

function accepted<T>(checked: Checked<T>): T {
  if (checked.ok) return checked;
  const [first] = checked.errors;
  throw new PackageManagerError(first!.code as PackageManagerErrorCode, first!.message);
}

function rename(manifest: string, name: string): string {
  const renamed = replaceString(manifest, 'workspace', 'name', name);
  if (renamed === null)
    throw new PackageManagerError(
      'manifest_invalid',
      'The manifest has no `name = "…"` line below `[workspace]`.',
    );
  return renamed;
}

/** Installing a PyPI package runs the prefix's python and activation scripts: only a sandbox may see that. */
export function assertPypiAllowed(context: RunContext): void {
  if (context.sandboxed) return;
  const message =
    'PyPI packages in a pixi environment run code while they are installed, and this worker has no sandbox. Use conda packages, a uv environment, or a worker with bubblewrap.';
  throw new PackageManagerError('needs_sandbox', message);
}

class PixiSolve {
  private readonly folder: string;
  private readonly allowedChannels: string[];

  constructor(
    private readonly settings: PackageManagerSettings,
    private readonly context: RunContext,
    private readonly request: SolveRequest,
  ) {
    this.folder = path.join(context.scratch, 'project');
    this.allowedChannels = [DEFAULT_CHANNEL, ...request.channels];
  }

  async apply(): Promise<void> {
    // Fresh, so that no `.pixi/config.toml` is there: it would beat every setting.
    await rm(this.folder, { recursive: true, force: true });
    await mkdir(this.folder, { recursive: true });
    const { change, base } = this.request;
    if (change.kind === 'replace')
      return this.replace(
        change.manifest,
        change.lockfile ?? base?.lockfile ?? null,
        change.lockfile !== null,
      );
    if (base === null) await this.write(this.newManifest(), null);
    else await this.write(base.manifest, base.lockfile);
    if (change.kind === 'create' || change.kind === 'add') await this.add(change);
    else if (change.kind === 'remove') await this.remove(change.names);
    else if (change.kind === 'update') await this.update(change.names);
    // `add` of what is there already writes nothing, and neither does a create without packages.
    if (await this.hasNoLockfile()) await this.pixi(['lock']);
  }

  async read(): Promise<{ manifest: string; lockfile: string }> {
    // Never from the exit code alone: a workspace can lock to nothing and exit with 0.
    if (await this.hasNoLockfile())
      throw new PackageManagerError('tool_failed', 'pixi said that all is well, but wrote no lockfile.');
    const lockfile = await readFile(path.join(this.folder, PIXI_LOCKFILE), 'utf8');
    return { manifest: await this.readManifest(), lockfile };
  }

  parse(manifest: string): ParsedManifest {
    return accepted(parsePixiToml(manifest, { allowedChannels: this.allowedChannels })).manifest;
  }

  private newManifest(): string {
    const { channels, platforms, python } = this.request;
    return newPixiManifest({
      name: TREE_WORKSPACE,
      channels: channels.length > 0 ? channels : [DEFAULT_CHANNEL],
      platforms: platforms.length > 0 ? platforms : [currentPlatform()],
      python,
    });
  }

  private async add(change: { packages: string[]; pypiPackages: string[] }): Promise<void> {
    if (change.pypiPackages.length > 0) assertPypiAllowed(this.context);
    if (change.packages.length > 0) {
      const { specs } = accepted(parseSpecs('pixi', change.packages));
      await this.pixi(
        ['add', '--no-install'],
        specs.map((spec) => spec.raw),
      );
    }
    if (change.pypiPackages.length > 0) {
      const { specs } = accepted(parseSpecs('pypi', change.pypiPackages));
      await this.pixi(
        ['add', '--no-install', '--pypi'],
        specs.map((spec) => spec.raw),
      );
    }
  }

  private async remove(names: string[]): Promise<void> {
    const wanted = accepted(parseNames('pixi', names)).names;
    const manifest = this.parse(await this.readManifest());
    const conda = new Set(manifest.dependencies.map((spec) => spec.name));
    const pypi = new Set(manifest.pypiDependencies.map((spec) => spec.name));
    const missing = wanted.filter((name) => !conda.has(name) && !pypi.has(normalizeName(name)));
    if (missing.length > 0) throw notInEnvironment(missing, [...conda, ...pypi]);
    const fromConda = wanted.filter((name) => conda.has(name));
    const fromPypi = wanted.filter((name) => !conda.has(name)).map(normalizeName);
    if (fromConda.length > 0) await this.pixi(['remove', '--no-install'], fromConda);
    if (fromPypi.length > 0) await this.pixi(['remove', '--no-install', '--pypi'], fromPypi);
  }

  private async update(names: string[] | null): Promise<void> {
    if (names === null) return this.pixi(['update', '--no-install']);
    return this.pixi(['update', '--no-install'], accepted(parseNames('pixi', names)).names);
  }

  private async replace(manifest: string, lockfile: string | null, isGiven: boolean): Promise<void> {
    if (isGiven) accepted(checkLockfile('pixi', lockfile));
    await this.write(manifest, lockfile);
    await this.pixi(['lock']);
  }

  private async write(manifest: string, lockfile: string | null): Promise<void> {
    const parsed = this.parse(manifest);
    if (parsed.pypiDependencies.length > 0) assertPypiAllowed(this.context);
    const text = rename(withEnforcedSettings(manifest), TREE_WORKSPACE);
    await writeFile(path.join(this.folder, PIXI_MANIFEST), text);
    if (lockfile !== null) await writeFile(path.join(this.folder, PIXI_LOCKFILE), lockfile);
  }

  private async readManifest(): Promise<string> {
    return readFile(path.join(this.folder, PIXI_MANIFEST), 'utf8');
  }

  private async hasNoLockfile(): Promise<boolean> {
    const text = await readFile(path.join(this.folder, PIXI_LOCKFILE), 'utf8').catch(() => null);
    return text === null;
  }

  private async pixi(args: string[], operands: string[] = []): Promise<void> {
    const call = { args, operands, folder: this.folder, phase: 'solve' as const };
    const result = await runTool(this.context, await pixiCommand(this.settings, this.context, call));
    if (result.exitCode !== 0) throw pixiFailure(result);
  }
}

function notInEnvironment(names: string[], requested: string[]): PackageManagerError {
  const list = names.map((name) => `\`${name}\``).join(', ');
  const hint = requested.length === 0 ? 'nothing was' : requested.join(', ');
  const message = `${list} ${names.length === 1 ? 'is' : 'are'} not in this environment. Only what was asked for can be removed: ${hint}.`;
  return new PackageManagerError('package_not_in_environment', message);
}

/** This platform's packages. Throws when the lock has none of them although the manifest asks for some. */
function packagesHere(
  lock: PixiLock,
  manifest: ParsedManifest,
): PixiLock['platforms'] extends Map<string, infer P> ? P : never {
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

export async function solvePixi(
  settings: PackageManagerSettings,
  request: SolveRequest,
  context: RunContext,
): Promise<Solution> {
  const solve = new PixiSolve(settings, context, request);
  let texts: { manifest: string; lockfile: string };
  if (request.change.kind === 'restore' && request.base !== null) {
    texts = request.base;
  } else {
    await solve.apply();
    texts = await solve.read();
  }
  const parsed = solve.parse(texts.manifest);
  const { lock } = accepted(parsePixiLock(texts.lockfile));
  const packages = packagesHere(lock, parsed);
  if (packages.some((one) => one.kind === 'pypi')) assertPypiAllowed(context);
  const given = request.change.kind === 'replace' ? request.change.manifest : request.base?.manifest;
  const name = given === undefined ? request.environmentName : solve.parse(given).projectName;
  const digestInputs = digestInputsOf(texts.lockfile, context);
  return {
    manifest: rename(texts.manifest, name),
    lockfile: texts.lockfile,
    digestInputs,
    digest: digestOf(digestInputs),
    toolVersion: context.report.version!,
    packages: packages
      .toSorted((left, right) => (left.name < right.name ? -1 : 1))
      .map(({ name: one, version, kind, build }) => ({ name: one, version, kind, build })),
  };
}
