import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  // Beginning at the time in milliseconds, the ids of a database that was here before are older than every position.
  `DO $$ BEGIN EXECUTE format('CREATE SEQUENCE "jobs"."event_positions" START WITH %s', (extract(epoch FROM now()) * 1000)::bigint); END $$`,
  `ALTER TABLE "jobs"."events" ADD "position" bigint`,
  `UPDATE "jobs"."events" e SET "position" = o."position" FROM (
     SELECT "id", nextval('jobs.event_positions') AS "position" FROM (SELECT "id" FROM "jobs"."events" ORDER BY "xid", "id") AS old
   ) AS o WHERE e."id" = o."id"`,
  `DROP INDEX "jobs"."events_order_idx"`,
  `DROP INDEX "jobs"."events_created_idx"`,
  `ALTER TABLE "jobs"."events" DROP COLUMN "xid"`,
  `CREATE UNIQUE INDEX "events_position_key" ON "jobs"."events" ("position") WHERE position IS NOT NULL`,
  `CREATE INDEX "events_waiting_idx" ON "jobs"."events" ("id") WHERE position IS NULL`,
];

const DOWN = [
  `DROP INDEX "jobs"."events_waiting_idx"`,
  `DROP INDEX "jobs"."events_position_key"`,
  `ALTER TABLE "jobs"."events" ADD "xid" bigint`,
  `UPDATE "jobs"."events" SET "xid" = coalesce("position", pg_current_xact_id()::text::bigint)`,
  `ALTER TABLE "jobs"."events" ALTER COLUMN "xid" SET NOT NULL`,
  `ALTER TABLE "jobs"."events" DROP COLUMN "position"`,
  `CREATE INDEX "events_order_idx" ON "jobs"."events" ("xid", "id")`,
  `CREATE INDEX "events_created_idx" ON "jobs"."events" ("created_at")`,
  `DROP SEQUENCE "jobs"."event_positions"`,
];

/** Events are read in the order of positions that are given after the commit (docs/adr/0006). */
export class EventPositions1763683210000 implements MigrationInterface {
  readonly name = 'EventPositions1763683210000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
