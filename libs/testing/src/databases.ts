import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { TEMPLATE_DATABASE } from './servers/index.js';

/** Set by the global set-up of the integration tests, inherited by every test process. */
export const POSTGRES_URL_VARIABLE = 'TEST_PG_URL';
export const VALKEY_ADDR_VARIABLE = 'TEST_VALKEY_ADDR';

function fromSetup(variable: string): string {
  const value = process.env[variable];
  if (value) return value;
  throw new Error(
    `${variable} is not set: tests that need servers are called test/**/*.spec.ts and run in the project \`integration\`.`,
  );
}

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: fromSetup(POSTGRES_URL_VARIABLE) });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

export interface TestDatabase {
  /** postgres:// URL of a database of the caller's own, with no rows in it. */
  dsn: string;
  /** Removes it, with whoever is still connected. */
  drop: () => Promise<void>;
}

/** A database for one test file: migrated, or with nothing in it. */
export async function createTestDatabase({ isEmpty = false } = {}): Promise<TestDatabase> {
  const name = `t_${randomBytes(8).toString('hex')}`;
  await administer(`CREATE DATABASE ${name} TEMPLATE ${isEmpty ? 'template0' : TEMPLATE_DATABASE}`);
  const url = new URL(fromSetup(POSTGRES_URL_VARIABLE));
  url.pathname = `/${name}`;
  return { dsn: url.href, drop: () => administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

/** Address of the run's Valkey, host:port. Take a `queuePrefix()` too: all test files share the one server. */
export function valkey(): { addr: string } {
  return { addr: fromSetup(VALKEY_ADDR_VARIABLE) };
}

/** A key prefix of the caller's own, for DARB_QUEUE_PREFIX. */
export function queuePrefix(): string {
  return `t-${randomBytes(8).toString('hex')}`;
}
