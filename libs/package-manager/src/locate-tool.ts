/** Finding a tool and its version. */
import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { newestFirst } from './specs/names.js';

export type LocatedTool = { path: string; version: string } | { path: string | null; reason: string };

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function candidatesOnPath(name: string, searchPath: string): string[] {
  return searchPath
    .split(':')
    .filter((one) => path.isAbsolute(one))
    .map((folder) => path.join(folder, name));
}

async function findOnPath(name: string, searchPath: string): Promise<string | null> {
  for (const candidate of candidatesOnPath(name, searchPath)) {
    if (await isExecutable(candidate)) return candidate;
  }
  return null;
}

/** Every file that `locateTool` could answer with. */
export function toolCandidates({ name, configured, searchPath }: ToolWish): string[] {
  return configured === null ? candidatesOnPath(name, searchPath) : [path.resolve(configured)];
}

export interface ToolWish {
  name: string;
  /** From the configuration: wins over PATH and is never replaced by another one in silence. */
  configured: string | null;
  searchPath: string;
  /** Name of the variable that sets `configured`. */
  variable: string;
  /** Oldest version whose arguments and messages are known here. */
  oldest: string;
}

async function versionOf(name: string, file: string): Promise<string | null> {
  const environment = { PATH: '/usr/bin:/bin', HOME: '/nonexistent' };
  const { stdout } = await execa(file, ['--version'], {
    timeout: 15_000,
    env: environment,
    extendEnv: false,
  });
  return new RegExp(`^${name} (\\d+\\.\\d+\\.\\d+)`).exec(stdout)?.[1] ?? null;
}

export async function locateTool(wish: ToolWish): Promise<LocatedTool> {
  const { name, configured, oldest } = wish;
  const found = configured === null ? await findOnPath(name, wish.searchPath) : path.resolve(configured);
  if (found === null) return { path: null, reason: `${name} is not on this worker's PATH` };
  if (!(await isExecutable(found))) {
    return { path: found, reason: `${wish.variable} names ${found}, which is not an executable file` };
  }
  try {
    const version = await versionOf(name, found);
    if (version === null)
      return { path: found, reason: `${found} does not answer with a version of ${name}` };
    if (newestFirst(version, oldest) <= 0) return { path: found, version };
    return { path: found, reason: `${found} is ${name} ${version}, and ${oldest} or newer is needed` };
  } catch (error) {
    return { path: found, reason: `${found} does not start (${(error as Error).message.split('\n')[0]})` };
  }
}
