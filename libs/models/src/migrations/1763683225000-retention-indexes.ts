import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  `CREATE INDEX "sessions_expires_idx" ON "auth"."sessions" ("expires_at")`,
  `CREATE INDEX "sessions_revoked_idx" ON "auth"."sessions" ("revoked_at") WHERE revoked_at IS NOT NULL`,
  `CREATE INDEX "refresh_tokens_expires_idx" ON "auth"."refresh_tokens" ("expires_at")`,
  `CREATE INDEX "login_attempts_window_idx" ON "auth"."login_attempts" ("window_started_at")`,
];
const DOWN = [
  `DROP INDEX auth.login_attempts_window_idx`,
  `DROP INDEX auth.refresh_tokens_expires_idx`,
  `DROP INDEX auth.sessions_revoked_idx`,
  `DROP INDEX auth.sessions_expires_idx`,
];

/** Sweeps find what is old without reading what is not. */
export class RetentionIndexes1763683225000 implements MigrationInterface {
  readonly name = 'RetentionIndexes1763683225000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
