import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { say } from '../console.js';
import type { DataFolder } from '../data/data-folder.js';
import { commandOf } from '../process-identity.js';
import { bound } from '../processes/bound.js';
import { Keeper } from '../processes/keeper.js';
import type { KeeperParts } from '../processes/keeper.js';
import { explainSystemError, Sentence } from '../sentence.js';
import type { Environment } from '../variables.js';
import type { PostgresBinaries } from './postgres-binaries.js';
import { postgresUser } from './postgres-user.js';
import type { PostgresUser } from './postgres-user.js';

const USER = 'darb';
const DATABASE = 'darb';

/** Settings of the embedded server; everything else is PostgreSQL's own default. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  // No socket file: a path inside the data folder would be too long for one.
  unix_socket_directories: '',
  max_connections: '200',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

export interface PostgresOptions {
  binaries: PostgresBinaries;
  folder: DataFolder;
  password: string;
  env: Environment;
}

export class Postgres {
  private readonly user: PostgresUser = postgresUser();
  private keeper: Keeper | undefined;

  constructor(private readonly options: PostgresOptions) {}

  /** Makes the database at the first call, starts the server and answers with its address. */
  async start(port: number, parts: KeeperParts): Promise<string> {
    const { folder, binaries, password, env } = this.options;
    if (!existsSync(path.join(folder.postgres, 'PG_VERSION'))) this.initialize();
    this.refuseWrongFiles();
    await this.endStaleServer();
    const dsn = (database: string) => `postgres://${USER}:${password}@127.0.0.1:${port}/${database}`;
    const settings = Object.entries({ ...SETTINGS, port }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]);
    const server = bound({ file: binaries.postgres, args: ['-D', folder.postgres, ...settings] }, 'INT');
    this.keeper = new Keeper(
      {
        name: 'postgres',
        command: this.user.wrap(server),
        env,
        cwd: folder.path,
        log: path.join(folder.logs, 'postgres.log'),
        hasLifeline: false,
        // SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for every client.
        stopSignal: 'SIGINT',
        stopWithinMs: 8_000,
        user: this.user.ids,
      },
      () => canConnect(dsn('postgres')),
      parts,
    );
    await this.keeper.start();
    await createDatabase(dsn('postgres'));
    return dsn(DATABASE);
  }

  async stop(): Promise<void> {
    await this.keeper?.stop();
  }

  kill(): void {
    this.keeper?.kill();
  }

  /** Into a folder beside it, renamed when done: an interrupted first start leaves nothing half made. */
  private initialize(): void {
    const { folder, binaries, password, env } = this.options;
    say('Making the database …');
    const fresh = `${folder.postgres}.new`;
    const passwordFile = path.join(fresh, '..', 'run', 'initdb-password');
    rmSync(fresh, { recursive: true, force: true });
    mkdirSync(fresh, { mode: 0o700 });
    writeFileSync(passwordFile, password, { mode: 0o600 });
    if (this.user.ids) {
      for (const file of [fresh, passwordFile]) chownSync(file, this.user.ids.uid, this.user.ids.gid);
      // That user must be able to pass through to what it owns, but need not list it.
      for (const place of [folder.path, folder.run]) chmodSync(place, 0o751);
    }
    const options = [
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
    ];
    const command = this.user.wrap({
      file: binaries.initdb,
      args: ['-D', fresh, '-U', USER, `--pwfile=${passwordFile}`, ...options],
    });
    const result = spawnSync(command.file, command.args, {
      encoding: 'utf8',
      env: env as NodeJS.ProcessEnv,
      cwd: folder.path,
      ...this.user.ids,
    });
    rmSync(passwordFile, { force: true });
    if (result.status !== 0)
      throw this.initializeError(result.error ?? new Error(result.stderr || result.stdout));
    renameSync(fresh, folder.postgres);
  }

  private initializeError(error: Error): Error {
    const { folder } = this.options;
    rmSync(`${folder.postgres}.new`, { recursive: true, force: true });
    if (/No space left/.test(error.message))
      return explainSystemError({ code: 'ENOSPC' }, 'making the database');
    if (this.user.ids && /Permission denied/i.test(error.message)) {
      return new Sentence(
        `PostgreSQL does not run as root, and the user it runs as instead may not enter ${folder.path}. Choose a folder with --data whose parents everybody may enter.`,
      );
    }
    return new Sentence(`The database could not be made: ${error.message.trim()}`);
  }

  private refuseWrongFiles(): void {
    const { folder, binaries } = this.options;
    const version = readFileSync(path.join(folder.postgres, 'PG_VERSION'), 'utf8').trim();
    if (version === String(binaries.major)) return;
    throw new Sentence(
      `${folder.postgres} is of PostgreSQL ${version}; this Darb brings ${binaries.major}. docs/operations.md says how to move it.`,
    );
  }

  /**
   * After a crash PostgreSQL takes over its own pid file, except when the number belongs to another process by now.
   * So: one of this very folder is asked to end; any other makes the file a leftover.
   */
  private async endStaleServer(): Promise<void> {
    const file = path.join(this.options.folder.postgres, 'postmaster.pid');
    if (!existsSync(file)) return;
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    const isOurs = () => commandOf(pid).includes(this.options.folder.postgres);
    if (pid > 1 && isOurs()) {
      say('Waiting for the database of an earlier run to end …');
      process.kill(pid, 'SIGINT');
      const limit = Date.now() + 30_000;
      while (isOurs() && Date.now() < limit) await delay(50);
      if (isOurs())
        throw new Sentence(
          `A PostgreSQL of an earlier run (process ${pid}) does not end. Stop it, then start again.`,
        );
    }
    rmSync(file, { force: true });
  }
}

async function canConnect(dsn: string): Promise<boolean> {
  return withClient(dsn, () => Promise.resolve(true));
}

async function createDatabase(dsn: string): Promise<void> {
  await withClient(dsn, async (client) => {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  });
}

/** Whether somebody has an account already; before the migrations there is no such table. */
export async function hasUsers(dsn: string): Promise<boolean> {
  return withClient(dsn, async (client) => {
    const { rowCount } = await client.query('SELECT 1 FROM auth.users LIMIT 1');
    return (rowCount ?? 0) > 0;
  });
}

/** Says what is wrong with a database that somebody else runs. */
export async function checkDatabase(dsn: string): Promise<void> {
  try {
    await canConnect(dsn);
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    throw new Sentence(`DARB_DATABASE_DSN: the database does not answer (${message || code}).`);
  }
}

async function withClient<T>(dsn: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: dsn, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
