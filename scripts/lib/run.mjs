import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { childEnvironment, root } from './environment.mjs';

/**
 * Runs the command itself with the right Node, and `tools` (folders) first on its PATH; answers with its exit code.
 * It stops when we are told to (signals), when npm is gone (our parent changes), and, because of the channel,
 * when we are gone.
 */
export async function runCommand(node, args, { env, tools }) {
  const child = spawn(node, args, {
    cwd: process.cwd(),
    env: childEnvironment(env, tools),
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  const handlers = new Map();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // Ctrl-C reaches the child by itself too; it takes a repeated signal for the same one.
    handlers.set(signal, () => child.kill(signal));
    process.on(signal, handlers.get(signal));
  }
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill('SIGTERM');
  }, 500);
  try {
    return await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (code, signal) => {
        if (signal === 'SIGKILL')
          process.stderr.write('It was ended by SIGKILL: kill -9, or the system ran out of memory.\n');
        resolve(code ?? 128 + constants.signals[signal]);
      });
    });
  } finally {
    clearInterval(watch);
    for (const [signal, handler] of handlers) process.off(signal, handler);
  }
}

export const inRoot = (name) => `${root}/${name}`;
