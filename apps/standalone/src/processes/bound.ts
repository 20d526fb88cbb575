import { spawnSync } from 'node:child_process';
import { findProgram } from '../find-program.js';

/** A command, and the signal that the kernel sends it when we die without a word. */
export interface Command {
  file: string;
  args: string[];
}

let setpriv: string | undefined | null = null;

/** setpriv of util-linux, where it knows --pdeathsig; elsewhere the reaper does its work. */
export function setprivPath(): string | undefined {
  if (setpriv === null) {
    const found = process.platform === 'linux' ? findProgram('setpriv') : undefined;
    const works = found && spawnSync(found, ['--pdeathsig', 'TERM', 'true']).status === 0;
    setpriv = works ? found : undefined;
  }
  return setpriv;
}

/**
 * The same command, bound to our life: not a shell or a wrapper process, setpriv becomes the command.
 * The kernel watches the thread that spawned, which in Node is the main thread.
 */
export function bound({ file, args }: Command, signal: 'INT' | 'TERM' | 'KILL'): Command {
  const tool = setprivPath();
  return tool ? { file: tool, args: ['--pdeathsig', signal, '--', file, ...args] } : { file, args };
}
