import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';

/**
 * Reads pids until its standard input ends, which is when the process that started it ends, however that
 * happened; then ends those pids, last one first, and removes the folder.
 */
const GUARD_SCRIPT = `
pids=
while read -r pid; do pids="$pid $pids"; done
for pid in $pids; do kill -INT "$pid" 2>/dev/null; done
for pid in $pids; do
  tries=0
  while kill -0 "$pid" 2>/dev/null && [ $tries -lt "$2" ]; do tries=$((tries + 1)); sleep 0.1; done
  kill -KILL "$pid" 2>/dev/null
done
rm -rf "$1"
`;

/** Sees to it that processes and a folder do not outlive this process, not even when it gets SIGKILL. */
export class Guard {
  private readonly child: ChildProcess;

  constructor(
    private readonly folder: string,
    graceSeconds = 10,
  ) {
    // Detached, so that Ctrl-C in a terminal reaches the tests before it reaches their servers.
    this.child = spawn(
      '/bin/sh',
      ['-c', GUARD_SCRIPT, 'darb-test-guard', folder, String(graceSeconds * 10)],
      {
        stdio: ['pipe', 'ignore', 'ignore'],
        detached: true,
      },
    );
    this.child.unref();
    (this.child.stdin as unknown as { unref?: () => void }).unref?.();
  }

  /** From now on the end of this process is the end of `child`. SIGINT must end it. */
  watch(child: ChildProcess): void {
    this.child.stdin?.write(`${child.pid}\n`);
  }

  /** To be called when everything has been stopped in order: removes the folder, ends the guard. */
  async dismiss(): Promise<void> {
    await stopProcess(this.child, 'SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Sends `signal` and waits for the end of the process; after `graceMs` it gets SIGKILL. */
export async function stopProcess(
  child: ChildProcess,
  signal: NodeJS.Signals,
  graceMs = 10_000,
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await ended;
  clearTimeout(timer);
}
