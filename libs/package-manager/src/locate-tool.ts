/** Finding a tool and its version at a worker's start. */
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export type LocatedTool = { path: string; version: string } | { path: string | null; reason: string };

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function findOnPath(name: string, searchPath: string): Promise<string | null> {
  for (const folder of searchPath.split(':').filter((one) => path.isAbsolute(one))) {
    const candidate = path.join(folder, name);
    if (await isExecutable(candidate)) return candidate;
  }
  return null;
}

/** `configured` wins over PATH and is never replaced by another one in silence. */
export async function locateTool(
  name: string,
  configured: string | null,
  searchPath: string,
  variable: string,
): Promise<LocatedTool> {
  const found = configured === null ? await findOnPath(name, searchPath) : path.resolve(configured);
  if (found === null) return { path: null, reason: `${name} is not on this worker's PATH` };
  if (!(await isExecutable(found)))
    return { path: found, reason: `${variable} names ${found}, which is not an executable file` };
  try {
    const { stdout } = await run(found, ['--version'], {
      timeout: 15_000,
      env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent' },
    });
    const version = new RegExp(`^${name} (\\d+\\.\\d+\\.\\d+)`).exec(stdout)?.[1];
    if (version !== undefined) return { path: found, version };
    return { path: found, reason: `${found} does not answer with a version of ${name}` };
  } catch (error) {
    return { path: found, reason: `${found} does not start (${(error as Error).message.split('\n')[0]})` };
  }
}
