import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { valkeyServerPath } from '../binaries.js';
import { freePort } from '../ports.js';
import { waitFor } from '../wait.js';
import type { Guard } from './guarded.js';

export interface ValkeyServer {
  process: ChildProcess;
  /** host:port, the form of DARB_QUEUE_VALKEY_ADDR. */
  addr: string;
}

/** A Valkey of its own on a free loopback port; it keeps nothing on disk. */
export async function startValkey(folder: string, guard: Guard): Promise<ValkeyServer> {
  const port = await freePort();
  const logPath = join(folder, 'valkey.log');
  const log = openSync(logPath, 'a');
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'no',
  ];
  const child = spawn(valkeyServerPath(), [...args, '--maxmemory-policy', 'noeviction'], {
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  child.unref();
  guard.watch(child);
  try {
    await waitFor(() => answers(child, port), { timeoutMs: 30_000, what: 'the test Valkey to answer' });
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`The test Valkey did not start:\n${readFileSync(logPath, 'utf8')}`, { cause: error });
  }
  return { process: child, addr: `127.0.0.1:${port}` };
}

async function answers(child: ChildProcess, port: number): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`it ended with exit code ${child.exitCode}`);
  const client = new Redis({ host: '127.0.0.1', port, lazyConnect: true, retryStrategy: null });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } finally {
    client.disconnect();
  }
}
