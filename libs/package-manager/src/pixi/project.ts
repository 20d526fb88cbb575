/**
 * A pixi workspace on its way through a solve. Each text is parsed once, and the workspace has the name `environment`
 * only inside: it gets it when it is written into the folder and the person's name again when it is read back.
 */
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { accepted, PackageManagerError } from '../errors.js';
import type { PixiLock } from '../lockfiles/pixi-lock.js';
import { newPixiManifest, TREE_WORKSPACE, withEnforcedSettings } from '../manifests/pixi-settings.js';
import { replaceString } from '../manifests/toml.js';
import {
  DEFAULT_CHANNEL,
  MAX_LOCKFILE_BYTES,
  MAX_MANIFEST_BYTES,
  type ParsedManifest,
} from '../manifests/types.js';
import type { RunContext, SolveRequest } from '../port.js';
import { currentPlatform } from '../surroundings.js';
import { runOnText } from '../offload/index.js';
import { readToolFile } from '../tool-files.js';
import { PIXI_LOCKFILE, PIXI_MANIFEST } from './command.js';

export interface Project {
  /** As the person has it. */
  manifest: ParsedManifest;
  /** Text; null when there is none yet. */
  lockfile: string | null;
}

/** What a solve has made. */
export interface SolvedProject {
  /** `text` under the name that the revision has. */
  manifest: ParsedManifest;
  lockfile: string;
  lock: PixiLock;
}

/** Channels that the environment may use; the request's are allowed by policy. */
async function parse(text: string, channels: string[]): Promise<ParsedManifest> {
  const policy = { allowedChannels: [DEFAULT_CHANNEL, ...channels] };
  return accepted(await runOnText('manifest_invalid', 'parseManifest', 'pixi', text, policy)).manifest;
}

/** What the solve starts from: the given manifest with its lockfile or the base's, or the base. Null: a new one. */
export async function openProject({ change, base, channels }: SolveRequest): Promise<Project | null> {
  const given = 'manifest' in change ? change.manifest : null;
  const text = given ?? base?.manifest ?? null;
  if (text === null) return null;
  const lockfile = ('lockfile' in change ? change.lockfile : null) ?? base?.lockfile ?? null;
  return { manifest: await parse(text, channels), lockfile };
}

function newManifest({ change, channels, platforms, python }: SolveRequest): string {
  return newPixiManifest({
    name: TREE_WORKSPACE,
    channels: channels.length > 0 ? channels : [DEFAULT_CHANNEL],
    platforms: platforms.length > 0 ? platforms : [currentPlatform()],
    python: change.type === 'create' ? (change.python ?? python) : python,
  });
}

/** The folder in which pixi works on the project. */
export class ProjectFolder {
  readonly path: string;

  constructor(
    scratch: string,
    private readonly request: SolveRequest,
  ) {
    this.path = path.join(scratch, 'project');
  }

  /** In: the workspace under its name in a tree, with the settings that Darb insists on. */
  async write(project: Project | null): Promise<void> {
    // Fresh, so that no `.pixi/config.toml` is there: it would beat every setting.
    await rm(this.path, { recursive: true, force: true });
    await mkdir(this.path, { recursive: true });
    const manifest =
      project === null
        ? newManifest(this.request)
        : rename(withEnforcedSettings(project.manifest.text), TREE_WORKSPACE);
    await writeFile(path.join(this.path, PIXI_MANIFEST), manifest);
    if (project?.lockfile) await writeFile(path.join(this.path, PIXI_LOCKFILE), project.lockfile);
  }

  hasLockfile(): Promise<boolean> {
    return access(path.join(this.path, PIXI_LOCKFILE)).then(
      () => true,
      () => false,
    );
  }

  /** Out: what pixi made of it. */
  async read(wanted: string): Promise<SolvedProject> {
    // A workspace can lock to nothing and exit with 0.
    const lockfile = await readToolFile('pixi', this.path, PIXI_LOCKFILE, MAX_LOCKFILE_BYTES);
    const manifest = await readToolFile('pixi', this.path, PIXI_MANIFEST, MAX_MANIFEST_BYTES);
    return named({ manifest: await parse(manifest, this.request.channels), lockfile }, wanted);
  }
}

/** Parses the lockfile and gives the manifest its name. */
export async function named(
  { manifest, lockfile }: { manifest: ParsedManifest; lockfile: string },
  wanted: string,
): Promise<SolvedProject> {
  const lock = await readLock(lockfile);
  const text = manifest.projectName === wanted ? manifest.text : rename(manifest.text, wanted);
  return { manifest: { ...manifest, projectName: wanted, text }, lockfile, lock };
}

export async function readLock(text: string): Promise<PixiLock> {
  return accepted(await runOnText('lockfile_invalid', 'parsePixiLock', text)).lock;
}

function rename(manifest: string, name: string): string {
  const renamed = replaceString(manifest, 'workspace', 'name', name);
  if (renamed !== null) return renamed;
  const message = 'The manifest has no `name = "…"` line below `[workspace]`.';
  throw new PackageManagerError('manifest_invalid', message);
}

/** Installing a PyPI package runs the prefix's python and activation scripts: only a sandbox may see that. */
export function assertPypiAllowed(context: RunContext): void {
  if (context.sandboxed) return;
  const message =
    'PyPI packages in a pixi environment run code while they are installed, and this worker has no sandbox. Use conda packages, a uv environment, or a worker with bubblewrap.';
  throw new PackageManagerError('needs_sandbox', message);
}
