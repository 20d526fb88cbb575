import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { setprivPath } from './bound.js';

/** Tells the reaper who is to die with us. Does nothing where the kernel sees to it. */
export class ReaperClient {
  private child: ChildProcess | undefined;

  add(pid: number): void {
    if (setprivPath()) return;
    this.child ??= start();
    this.child.stdin?.write(`+${pid}\n`);
  }

  remove(pid: number): void {
    this.child?.stdin?.write(`-${pid}\n`);
  }

  close(): void {
    this.child?.stdin?.end();
  }
}

function start(): ChildProcess {
  const file = path.join(import.meta.dirname, 'reaper.js');
  const child = spawn(process.execPath, [file], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  child.stdin.on('error', () => undefined);
  child.unref();
  return child;
}
