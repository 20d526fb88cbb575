import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { Guard, stopProcess } from './guarded.js';
import { startPostgres } from './postgres.js';
import { startValkey } from './valkey.js';

/** The database that every test's own is a copy of. */
export const TEMPLATE_DATABASE = 'darb_template';

export interface TestServers {
  /** postgres:// URL of the maintenance database. */
  postgresUrl: string;
  /** host:port */
  valkeyAddr: string;
  stop: () => Promise<void>;
}

/**
 * Starts one PostgreSQL and one Valkey in a temporary folder, makes the template database and lets `migrate`
 * fill it. Everything is stopped and removed by `stop`, or by a guard process when this one dies before.
 */
export async function startTestServers(migrate: (dsn: string) => Promise<unknown>): Promise<TestServers> {
  removeLeftovers();
  const folder = mkdtempSync(join(tmpdir(), `darb-test-${process.pid}-`));
  const guard = new Guard(folder);
  const postgresStart = startPostgres(folder, guard);
  const valkeyStart = startValkey(folder, guard);
  const stop = async () => {
    const started = await Promise.allSettled([postgresStart, valkeyStart]);
    const running = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    // SIGINT is PostgreSQL's fast shutdown: it does not wait for clients.
    await Promise.all(running.map((server) => stopProcess(server.process, 'SIGINT')));
    await guard.dismiss();
  };
  try {
    const [postgres, valkey] = await Promise.all([postgresStart, valkeyStart]);
    await createTemplate(postgres.url, migrate);
    return { postgresUrl: postgres.url, valkeyAddr: valkey.addr, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function createTemplate(url: string, migrate: (dsn: string) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${TEMPLATE_DATABASE}`);
    const template = new URL(url);
    template.pathname = `/${TEMPLATE_DATABASE}`;
    await migrate(template.href);
    // A template that somebody is connected to can't be copied; nobody may connect from here on.
    await client.query(`ALTER DATABASE ${TEMPLATE_DATABASE} ALLOW_CONNECTIONS false`);
  } finally {
    await client.end();
  }
}

/** Folders of runs whose process is gone and whose guard could not do its work (the machine went down). */
function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = /^darb-test-(\d+)-/.exec(name)?.[1];
    if (pid && !isAlive(Number(pid))) {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
