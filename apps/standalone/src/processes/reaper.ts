// Where the kernel can't bind a process to our life (no setpriv, macOS), this small process does: it is told the
// numbers of PostgreSQL and Valkey, line by line, and ends them when the pipe from the supervisor breaks.
const KILL_AFTER_MS = 10_000;
const pids = new Set<number>();
let rest = '';

function signalAll(signal: NodeJS.Signals | 0): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      pids.delete(pid);
    }
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.stdin.setEncoding('utf8');
process.stdin.on('data', (text: string) => {
  const lines = (rest + text).split('\n');
  rest = lines.pop()!;
  for (const line of lines) {
    const pid = Number(line.slice(1));
    if (line.startsWith('+')) pids.add(pid);
    else pids.delete(pid);
  }
});
process.stdin.on('close', () => {
  signalAll('SIGINT');
  const started = Date.now();
  const poll = setInterval(() => {
    if (Date.now() - started > KILL_AFTER_MS) signalAll('SIGKILL');
    else signalAll(0);
    if (pids.size === 0 || Date.now() - started > KILL_AFTER_MS + 1_000) clearInterval(poll);
  }, 100);
});
