/** PostgreSQL and Valkey of one run. Unlike those of the other tests they are killed and started again. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, postgresBinaries, valkeyServerPath, waitFor } from '@darb/testing';
import type { Guard } from '@darb/testing';
import { Redis } from 'ioredis';
import pg from 'pg';
import { Managed } from './managed.js';

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  // Only the end of the machine could lose what was written, and that is no fault of this harness.
  fsync: 'off',
  max_connections: '200',
  shared_buffers: '32MB',
};

/** PostgreSQL refuses to run as root; in a user namespace of its own it is nobody, and its files stay ours. */
function asNonRoot(file: string, args: string[]): [string, string[]] {
  if (process.getuid?.() !== 0) return [file, args];
  return ['unshare', ['-U', '--map-user=65534', '--map-group=65534', file, ...args]];
}

export class Postgres {
  private constructor(
    readonly process: Managed,
    readonly port: number,
    private readonly data: string,
  ) {}

  static async start(folder: string, guard: Guard): Promise<Postgres> {
    const binaries = await postgresBinaries();
    const data = join(folder, 'postgres');
    const options = [
      '-D',
      data,
      '-U',
      'darb',
      '-A',
      'trust',
      '--no-sync',
      '--encoding=UTF8',
      '--locale=C.UTF-8',
    ];
    execFileSync(...asNonRoot(binaries.initdb, options), { stdio: 'pipe' });
    const port = await freePort();
    const settings = Object.entries({ ...SETTINGS, port }).flatMap(([key, value]) => [
      '-c',
      `${key}=${value}`,
    ]);
    const [file, args] = asNonRoot(binaries.postgres, ['-D', data, '-k', '', ...settings]);
    const managed = new Managed({
      name: 'postgres',
      file,
      args,
      env: { PATH: process.env.PATH ?? '' },
      log: join(folder, 'logs/postgres.log'),
      guard,
      // The fast shutdown: it does not wait for clients.
      stopSignal: 'SIGINT',
    });
    const postgres = new Postgres(managed, port, data);
    managed.start();
    await postgres.ready();
    await postgres.query('CREATE DATABASE darb', 'postgres');
    return postgres;
  }

  dsn(port = this.port, database = 'darb'): string {
    return `postgres://darb@127.0.0.1:${port}/${database}`;
  }

  async ready(): Promise<void> {
    await waitFor(() => this.query('SELECT 1', 'postgres'), {
      timeoutMs: 60_000,
      what: 'PostgreSQL to answer',
    });
  }

  /** One statement on a connection of its own, past every link. */
  async query<Row extends pg.QueryResultRow>(
    statement: string,
    database = 'darb',
    values: unknown[] = [],
  ): Promise<Row[]> {
    const client = new pg.Client({
      connectionString: this.dsn(this.port, database),
      connectionTimeoutMillis: 10_000,
    });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Row>(statement, values)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** The server and all of its processes. */
  pids(): number[] {
    const main = Number.parseInt(readFileSync(join(this.data, 'postmaster.pid'), 'utf8'), 10);
    const children = readFileSync(`/proc/${main}/task/${main}/children`, 'utf8');
    return [main, ...children.split(' ').filter(Boolean).map(Number)];
  }

  /** Keeps a transaction open that has written something, as a forgotten session of an operator does. */
  async holdTransaction(until: Promise<unknown>): Promise<void> {
    const client = new pg.Client({ connectionString: this.dsn() });
    client.on('error', () => undefined);
    await client.connect();
    try {
      await client.query('CREATE TABLE IF NOT EXISTS public.chaos_notes (at timestamptz)');
      await client.query('BEGIN');
      await client.query('INSERT INTO public.chaos_notes VALUES (now())');
      await until;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

export class Valkey {
  private constructor(
    readonly process: Managed,
    readonly port: number,
  ) {}

  static async start(folder: string, guard: Guard): Promise<Valkey> {
    const port = await freePort();
    const data = join(folder, 'valkey');
    mkdirSync(data, { recursive: true });
    const options = { port, bind: '127.0.0.1', dir: data, save: '', appendonly: 'no' };
    const managed = new Managed({
      name: 'valkey',
      file: valkeyServerPath(),
      args: Object.entries(options).flatMap(([key, value]) => [`--${key}`, String(value)]),
      env: { PATH: process.env.PATH ?? '' },
      log: join(folder, 'logs/valkey.log'),
      guard,
      stopSignal: 'SIGTERM',
    });
    const valkey = new Valkey(managed, port);
    managed.start();
    await waitFor(() => valkey.command('PING'), { timeoutMs: 30_000, what: 'Valkey to answer' });
    // Started without a file it comes back empty.
    rmSync(join(data, 'dump.rdb'), { force: true });
    return valkey;
  }

  async command(name: string): Promise<unknown> {
    const client = new Redis({ port: this.port, host: '127.0.0.1', lazyConnect: true, retryStrategy: null });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await client.call(name);
    } finally {
      client.disconnect();
    }
  }
}
