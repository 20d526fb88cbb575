import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, rm, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { v4 as uuid } from 'uuid';
import { BwrapSandbox, NoSandbox, type Sandbox } from './sandbox.js';
import { readSystemMounts } from './system-mounts.js';

const run = promisify(execFile);
const PROBE_TIMEOUT_MS = 10_000;
/** Newer bubblewraps can forbid namespaces within the sandbox; tried first. */
const EXTRA_OPTIONS: readonly (readonly string[])[] = [['--disable-userns'], []];
const SYSTEM_PATH = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/local/sbin', '/usr/sbin', '/sbin'];

export type SandboxSetting = 'auto' | 'bwrap' | 'off';

/**
 * Finds out which sandbox works here by using it: starting a process, writing into a pool, linking a file there.
 * Throws a sentence when `bwrap` is demanded and does not work.
 */
export async function chooseSandbox(setting: SandboxSetting, storageRoot: string): Promise<Sandbox> {
  const setpriv = await findProgram('setpriv');
  if (setting === 'off') return new NoSandbox('DARB_WORKER_SANDBOX is off.', setpriv);
  const bwrap = await findProgram('bwrap');
  const outcome =
    bwrap === null
      ? 'bubblewrap (bwrap) is not installed; install the package "bubblewrap" and restart the worker.'
      : await probeBwrap(bwrap, storageRoot);
  if (typeof outcome !== 'string') return outcome;
  if (setting === 'bwrap') throw new Error(`DARB_WORKER_SANDBOX=bwrap cannot be met: ${outcome}`);
  return new NoSandbox(outcome, setpriv);
}

async function probeBwrap(bwrap: string, storageRoot: string): Promise<Sandbox | string> {
  const system = await readSystemMounts();
  const pool = join(storageRoot, 'pools', `.probe-${uuid()}`);
  let reason = '';
  try {
    await mkdir(pool, { recursive: true });
    for (const extra of EXTRA_OPTIONS) {
      const sandbox = new BwrapSandbox(bwrap, system, extra);
      try {
        await linkInside(sandbox, pool);
        return sandbox;
      } catch (error) {
        reason = lastLine(error);
      } finally {
        await rm(join(pool, 'a'), { force: true });
        await rm(join(pool, 'b'), { force: true });
      }
    }
  } catch (error) {
    reason = lastLine(error);
  } finally {
    await rm(pool, { recursive: true, force: true });
  }
  return `bubblewrap does not work here: ${reason}`;
}

async function linkInside(sandbox: Sandbox, pool: string): Promise<void> {
  const [file = '', ...args] = await sandbox.wrap(
    {
      file: '/bin/sh',
      args: ['-c', 'echo x > a && ln a b'],
      cwd: pool,
      env: {},
      phase: 'verify',
      readable: [],
    },
    pool,
  );
  await run(file, args, { env: { PATH: SYSTEM_PATH.join(delimiter) }, timeout: PROBE_TIMEOUT_MS });
  const { nlink } = await stat(join(pool, 'b'));
  if (nlink !== 2) throw new Error('files in it cannot be hardlinked');
}

function lastLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  return (stderr?.trim() || message).split('\n').at(-1) ?? 'it gave no reason';
}

async function findProgram(name: string): Promise<string | null> {
  const folders = new Set([...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...SYSTEM_PATH]);
  for (const folder of folders) {
    const path = join(folder, name);
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  return null;
}
