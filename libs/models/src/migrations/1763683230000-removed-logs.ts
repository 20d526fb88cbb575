import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  `CREATE TABLE "jobs"."removed_logs" ("job_id" uuid NOT NULL, "epoch" integer NOT NULL, "last_seq" bigint NOT NULL, "text_bytes" bigint NOT NULL, "removed_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "removed_logs_pkey" PRIMARY KEY ("job_id", "epoch"))`,
  `ALTER TABLE "jobs"."removed_logs" ADD CONSTRAINT "removed_logs_job_fkey" FOREIGN KEY ("job_id") REFERENCES "jobs"."jobs"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
  `CREATE INDEX "log_chunks_created_idx" ON "jobs"."log_chunks" ("created_at")`,
];

/** Logs are removed by age, and what was removed is remembered. */
export class RemovedLogs1763683230000 implements MigrationInterface {
  readonly name = 'RemovedLogs1763683230000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX "jobs"."log_chunks_created_idx"');
    await runner.query('DROP TABLE "jobs"."removed_logs"');
  }
}
