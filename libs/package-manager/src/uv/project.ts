/**
 * A uv project on its way through a solve. Each text is parsed once, and the project has the name `environment` only
 * inside: it gets it when it is written into the folder and the person's name again when it is read back.
 */
import TOML from '@iarna/toml';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { InterpreterReport } from '@darb/models';
import { accepted, PackageManagerError } from '../errors.js';
import type { LockSummary } from '../lockfiles/summarize-uv-lock.js';
import { renameLockedProject, TREE_PROJECT, TREE_VERSION } from '../lockfiles/uv-tree-lock.js';
import { renameProject } from '../manifests/pyproject.js';
import { MAX_LOCKFILE_BYTES, MAX_MANIFEST_BYTES, type ParsedManifest } from '../manifests/types.js';
import type { SolveRequest } from '../port.js';
import { checkPythonRequest } from '../specs/names.js';
import { normalizeName } from '../specs/text.js';
import { markerEnvironment } from '../surroundings.js';
import { readToolFile } from '../tool-files.js';
import { runOnText } from '../offload/index.js';
import { UV_LOCKFILE, UV_MANIFEST } from './tree-files.js';

export interface Project {
  /** As the person has it. */
  manifest: ParsedManifest;
  /** Text; null when there is none yet. */
  lockfile: string | null;
}

/** What a solve has made. */
export interface SolvedProject {
  /** Both under the name that the revision has. */
  manifest: string;
  lockfile: string;
  lock: LockSummary;
}

/** The manifest that a change brings. */
export function givenManifest(change: SolveRequest['change']): string | null {
  return 'manifest' in change ? change.manifest : null;
}

/** What the solve starts from: the given manifest with the base's lockfile, or the base. Null: a new project. */
export async function openProject({ change, base }: SolveRequest): Promise<Project | null> {
  const text = givenManifest(change) ?? base?.manifest ?? null;
  if (text === null) return null;
  const { manifest } = accepted(await runOnText('manifest_invalid', 'parseManifest', 'uv', text));
  return { manifest, lockfile: base?.lockfile ?? null };
}

/** As `uv init --bare` writes it. `range`: as the person asked for a Python. */
function newManifest(python: InterpreterReport, range: string | null): string {
  const minor = python.version.split('.').slice(0, 2).join('.');
  return TOML.stringify({
    project: {
      name: TREE_PROJECT,
      version: TREE_VERSION,
      'requires-python': range ?? `>=${minor}`,
      dependencies: [],
    },
  });
}

/** The folder in which uv works on the project. */
export class ProjectFolder {
  readonly path: string;

  constructor(scratch: string) {
    this.path = path.join(scratch, 'project');
  }

  /** In: the project under its name in a tree. A repeated solve of one job starts over. */
  async write(project: Project | null, python: InterpreterReport, request: string | null): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
    await mkdir(this.path, { recursive: true });
    const wish = request === null ? null : checkPythonRequest(request);
    const manifest =
      project === null
        ? newManifest(python, wish?.ok ? wish.python.requiresPython : null)
        : renameProject(project.manifest.text, TREE_PROJECT);
    await writeFile(path.join(this.path, UV_MANIFEST), manifest);
    if (project?.lockfile) await writeFile(path.join(this.path, UV_LOCKFILE), project.lockfile);
  }

  /** Out: what uv made of it, under `wanted`, or a name beside it when a package of that name is in the lockfile. */
  async read(wanted: string, python: InterpreterReport): Promise<SolvedProject> {
    const lockfile = await readToolFile('uv', this.path, UV_LOCKFILE, MAX_LOCKFILE_BYTES);
    const manifest = await readToolFile('uv', this.path, UV_MANIFEST, MAX_MANIFEST_BYTES);
    return named({ manifest, lockfile }, wanted, python);
  }
}

/** Parses the lockfile and gives both texts the name that the project can have. */
export async function named(
  texts: { manifest: string; lockfile: string },
  wanted: string,
  python: InterpreterReport,
): Promise<SolvedProject> {
  const lock = await readLock(texts.lockfile, python);
  const name = projectNameFor(wanted, lock.names);
  return {
    manifest: renameProject(texts.manifest, name),
    lockfile: renameLocked(texts.lockfile, normalizeName(name)),
    lock,
  };
}

export async function readLock(text: string, python: InterpreterReport): Promise<LockSummary> {
  const environment = markerEnvironment(python);
  return accepted(await runOnText('lockfile_invalid', 'summarizeUvLock', text, environment)).lock;
}

/** uv refuses a project that depends on itself. */
function projectNameFor(wanted: string, packages: string[]): string {
  const taken = new Set(packages);
  let name = wanted;
  while (taken.has(normalizeName(name))) name = `${name}-environment`;
  return name;
}

export function renameLocked(lockfile: string, name: string): string {
  try {
    return renameLockedProject(lockfile, name);
  } catch (error) {
    throw notAsUvWrites(error);
  }
}

export function notAsUvWrites(cause?: unknown): PackageManagerError {
  const message =
    'This lockfile is not in the form that uv writes. Leave it out and let Darb solve the manifest.';
  return new PackageManagerError('lockfile_invalid', message, null, { cause });
}
