import { Problem } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { PasswordGate } from '../passwords/password.hasher.js';

/** Wrong passwords within the window after which a key is blocked. */
const ACCOUNT_LIMIT = 10;
/** Many people may share an address. */
const ADDRESS_LIMIT = 100;
const WINDOW = `interval '15 minutes'`;
/** The first block lasts this long, each further wrong password doubles it, up to the window. */
const FIRST_BLOCK_SECONDS = 30;
const LONGEST_BLOCK_SECONDS = 900;

const LIMIT = `CASE WHEN a.key LIKE 'account:%' THEN ${ACCOUNT_LIMIT} ELSE ${ADDRESS_LIMIT} END`;
const IS_NEW_WINDOW = `a.window_started_at < now() - ${WINDOW}`;
// Count and block in one statement: between two, other guesses would find the key counted but not blocked.
const RECORD_FAILURE = `
  INSERT INTO auth.login_attempts AS a (key, count, window_started_at)
  SELECT key, 1, now() FROM unnest($1::text[]) AS key ORDER BY key
  ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN ${IS_NEW_WINDOW} THEN 1 ELSE a.count + 1 END,
    window_started_at = CASE WHEN ${IS_NEW_WINDOW} THEN now() ELSE a.window_started_at END,
    blocked_until = CASE WHEN ${IS_NEW_WINDOW} OR a.count + 1 < ${LIMIT} THEN NULL
      ELSE now() + make_interval(secs => least(${LONGEST_BLOCK_SECONDS},
             ${FIRST_BLOCK_SECONDS} * power(2, least(a.count + 1 - ${LIMIT}, 10)))) END`;

/** Counts wrong passwords per account and per address in Postgres, so that all replicas count together. */
@Injectable()
export class LoginThrottle {
  constructor(private readonly database: DataSource) {}

  gate(username: string, address: string | null): PasswordGate {
    return {
      admit: () => this.assertAllowed(username, address),
      refused: () => this.recordFailure(username, address),
    };
  }

  /** Throws 429 `too_many_attempts` while the account or the address is blocked, whatever the password. */
  async assertAllowed(username: string, address: string | null): Promise<void> {
    const [row] = await this.database.query<{ seconds: number | null }[]>(
      `SELECT ceil(extract(epoch FROM max(blocked_until) - now()))::int AS seconds
         FROM auth.login_attempts WHERE key = ANY($1) AND blocked_until > now()`,
      [keysOf(username, address)],
    );
    if (row?.seconds) throw tooManyAttempts(Math.max(1, row.seconds));
  }

  async recordFailure(username: string, address: string | null): Promise<void> {
    await this.database.query(RECORD_FAILURE, [keysOf(username, address)]);
  }

  /** The right password clears the account; the address keeps its count, or one own account would reset it. */
  async recordSuccess(username: string): Promise<void> {
    await this.database.query(`DELETE FROM auth.login_attempts WHERE key = $1`, [`account:${username}`]);
  }
}

function keysOf(username: string, address: string | null): string[] {
  return [`account:${username}`, ...(address ? [`address:${address}`] : [])];
}

function tooManyAttempts(seconds: number): Problem {
  return new Problem(429, 'too_many_attempts', `Too many wrong passwords; try again in ${seconds} seconds.`, {
    headers: { 'retry-after': String(seconds) },
  });
}
