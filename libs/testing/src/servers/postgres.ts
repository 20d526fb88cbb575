import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { openSync, closeSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { postgresBinaries } from '../binaries.js';
import { freePort } from '../ports.js';
import { waitFor } from '../wait.js';
import type { Guard } from './guarded.js';

const execFileAsync = promisify(execFile);

/** PostgreSQL refuses to run as root; in a user namespace of its own it is nobody, and its files stay ours. */
function asNonRoot(file: string, args: string[]): [string, string[]] {
  if (process.getuid?.() !== 0) return [file, args];
  return ['unshare', ['-U', '--map-user=65534', '--map-group=65534', file, ...args]];
}

export interface PostgresServer {
  process: ChildProcess;
  /** postgres:// URL of the maintenance database, with all rights. */
  url: string;
}

/** A PostgreSQL of its own below `folder`, on a free loopback port; its data is not safe against power loss. */
export async function startPostgres(folder: string, guard: Guard): Promise<PostgresServer> {
  const binaries = await postgresBinaries();
  const data = join(folder, 'postgres');
  const initdb = [
    '-D',
    data,
    '-U',
    'postgres',
    '-A',
    'trust',
    '--no-sync',
    '--encoding=UTF8',
    '--locale=C.UTF-8',
  ];
  await execFileAsync(...asNonRoot(binaries.initdb, initdb));

  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    max_connections: 300,
    shared_buffers: '64MB',
  };
  const args = [
    '-D',
    data,
    '-k',
    '',
    ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
  ];
  const logPath = join(folder, 'postgres.log');
  const log = openSync(logPath, 'a');
  const child = spawn(...asNonRoot(binaries.postgres, args), { stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  child.unref();
  guard.watch(child);
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  try {
    await waitFor(() => answers(child, url), { timeoutMs: 60_000, what: 'the test PostgreSQL to answer' });
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`The test PostgreSQL did not start:\n${readFileSync(logPath, 'utf8')}`, { cause: error });
  }
  return { process: child, url };
}

async function answers(child: ChildProcess, url: string): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`it ended with exit code ${child.exitCode}`);
  const client = new pg.Client({ connectionString: url });
  // Without a listener a server that goes away would end this process.
  client.on('error', () => undefined);
  await client.connect();
  await client.end();
  return true;
}
