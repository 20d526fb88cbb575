/**
 * Jobs get a subject and a lane, documents a table of their own, artifacts their identity (pool, digest) with a
 * state for each copy. What is there is carried over.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';

const DOCUMENTS = [
  `CREATE TABLE "environments"."documents" ("sha256" text NOT NULL, "content" text NOT NULL, "size_bytes" integer NOT NULL, "referenced_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "documents_pkey" PRIMARY KEY ("sha256"))`,
  `CREATE INDEX "documents_referenced_idx" ON "environments"."documents" ("referenced_at")`,
  `INSERT INTO environments.documents (sha256, content, size_bytes)
   SELECT DISTINCT ON (1) encode(sha256(convert_to(content, 'UTF8')), 'hex'), content, octet_length(content) FROM (
     SELECT manifest AS content FROM environments.revisions
     UNION ALL SELECT lockfile FROM environments.revisions
     UNION ALL SELECT arguments->>'manifest' FROM jobs.jobs
     UNION ALL SELECT arguments->>'lockfile' FROM jobs.jobs
   ) texts WHERE content IS NOT NULL`,
  `ALTER TABLE "environments"."revisions" ADD "manifest_sha256" text, ADD "lockfile_sha256" text, ADD "warnings" text array NOT NULL DEFAULT '{}', ALTER COLUMN "created_by" DROP NOT NULL`,
  `UPDATE environments.revisions SET manifest_sha256 = encode(sha256(convert_to(manifest, 'UTF8')), 'hex'),
     lockfile_sha256 = encode(sha256(convert_to(lockfile, 'UTF8')), 'hex')`,
  `ALTER TABLE "environments"."revisions" ALTER COLUMN "manifest_sha256" SET NOT NULL, ALTER COLUMN "lockfile_sha256" SET NOT NULL, DROP COLUMN "manifest", DROP COLUMN "lockfile"`,
  `CREATE INDEX "revisions_manifest_idx" ON "environments"."revisions" ("manifest_sha256")`,
  `CREATE INDEX "revisions_lockfile_idx" ON "environments"."revisions" ("lockfile_sha256")`,
  `ALTER TABLE "environments"."revisions" ADD CONSTRAINT "revisions_manifest_fkey" FOREIGN KEY ("manifest_sha256") REFERENCES "environments"."documents"("sha256") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "environments"."revisions" ADD CONSTRAINT "revisions_lockfile_fkey" FOREIGN KEY ("lockfile_sha256") REFERENCES "environments"."documents"("sha256") ON DELETE NO ACTION ON UPDATE NO ACTION`,
];

const STORES = [
  `CREATE TABLE "environments"."stores" ("id" uuid NOT NULL, "root" text NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "collected_at" TIMESTAMP(3) WITH TIME ZONE, "verified_at" TIMESTAMP(3) WITH TIME ZONE, "repaired_at" TIMESTAMP(3) WITH TIME ZONE, CONSTRAINT "stores_pkey" PRIMARY KEY ("id"))`,
  `INSERT INTO environments.stores (id, root)
   SELECT DISTINCT ON (store_id) store_id, store_root FROM jobs.workers ORDER BY store_id, registered_at DESC`,
  `INSERT INTO environments.stores (id, root)
   SELECT DISTINCT ON (store_id) store_id, store_root FROM environments.artifact_copies ORDER BY store_id
   ON CONFLICT DO NOTHING`,
];

const ARTIFACTS = [
  `ALTER TABLE "environments"."artifact_copies" DROP CONSTRAINT "artifact_copies_artifact_fkey", DROP CONSTRAINT "artifact_copies_pkey"`,
  `ALTER TABLE "environments"."artifact_copies" ADD "id" uuid NOT NULL DEFAULT gen_random_uuid(), ADD "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), ADD "used_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now()`,
  `ALTER TABLE "environments"."artifact_copies" ALTER COLUMN "id" DROP DEFAULT, DROP COLUMN "store_root", ADD CONSTRAINT "artifact_copies_pkey" PRIMARY KEY ("id")`,
  // What an artifact was until now, a build, is a copy from here on; the state of the build counts.
  `UPDATE environments.artifact_copies c SET state = a.state FROM environments.artifacts a
   WHERE a.id = c.artifact_id AND a.state <> 'ready'`,
  `ALTER TABLE "environments"."artifact_refs" ADD "copy_id" uuid`,
  `UPDATE environments.artifact_refs f SET copy_id = c.id FROM environments.artifact_copies c
   WHERE f.kind = 'job' AND c.artifact_id = f.artifact_id`,
  `CREATE TEMPORARY TABLE kept_artifacts ON COMMIT DROP AS
   SELECT id, first_value(id) OVER (PARTITION BY pool, digest ORDER BY state = 'ready' DESC, id) AS kept_id
   FROM environments.artifacts`,
  `UPDATE environments.artifact_copies c SET artifact_id = k.kept_id FROM kept_artifacts k WHERE k.id = c.artifact_id AND k.id <> k.kept_id`,
  `UPDATE environments.revisions r SET artifact_id = k.kept_id FROM kept_artifacts k WHERE k.id = r.artifact_id AND k.id <> k.kept_id`,
  `UPDATE environments.artifact_refs f SET artifact_id = k.kept_id FROM kept_artifacts k WHERE k.id = f.artifact_id AND k.id <> k.kept_id`,
  `DELETE FROM environments.artifacts a USING kept_artifacts k WHERE k.id = a.id AND k.id <> k.kept_id`,
  `DROP INDEX "environments"."artifacts_digest_key"`,
  `ALTER TABLE "environments"."artifacts" DROP CONSTRAINT "artifacts_state_check", DROP COLUMN "state", DROP COLUMN "build_id", DROP COLUMN "ready_at", ADD "inputs" jsonb, ADD "lockfile_sha256" text`,
  `CREATE UNIQUE INDEX "artifacts_digest_key" ON "environments"."artifacts" ("pool", "digest")`,
  `CREATE INDEX "artifact_copies_artifact_idx" ON "environments"."artifact_copies" ("artifact_id")`,
  `CREATE UNIQUE INDEX "artifact_copies_ready_key" ON "environments"."artifact_copies" ("artifact_id", "store_id") WHERE state = 'ready'`,
  `CREATE UNIQUE INDEX "artifact_copies_path_key" ON "environments"."artifact_copies" ("store_id", "path")`,
  `CREATE INDEX "artifact_copies_store_idx" ON "environments"."artifact_copies" ("store_id", "state", "used_at")`,
  `CREATE INDEX "artifact_refs_copy_idx" ON "environments"."artifact_refs" ("copy_id") WHERE copy_id IS NOT NULL`,
  `ALTER TABLE "environments"."artifact_copies" ADD CONSTRAINT "artifact_copies_artifact_fkey" FOREIGN KEY ("artifact_id") REFERENCES "environments"."artifacts"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
];

const JOBS = [
  `CREATE TABLE "jobs"."lanes" ("lane" text NOT NULL, "last_seq" bigint NOT NULL DEFAULT '0', CONSTRAINT "lanes_pkey" PRIMARY KEY ("lane"))`,
  `INSERT INTO jobs.lanes (lane, last_seq) SELECT 'environment:' || id, last_seq FROM environments.environments`,
  `DROP INDEX "jobs"."jobs_environment_idx", "jobs"."jobs_waiting_idx", "jobs"."jobs_environment_seq_key", "jobs"."jobs_one_active_key"`,
  `ALTER TABLE "jobs"."jobs" DROP CONSTRAINT "jobs_environment_fkey"`,
  `ALTER TABLE "jobs"."jobs" RENAME COLUMN "environment_id" TO "subject_id"`,
  `ALTER TABLE "jobs"."jobs" RENAME COLUMN "environment_seq" TO "lane_seq"`,
  `ALTER TABLE "jobs"."jobs" ADD "subject_type" text NOT NULL DEFAULT 'environment', ADD "subject_name" text NOT NULL DEFAULT '',
     ADD "lane" text, ADD "change" jsonb, ADD "expected_revision" integer, ADD "requirements" jsonb NOT NULL DEFAULT '{}',
     ADD "store_id" uuid, ADD "retry_of" uuid, ADD "timeout_seconds" integer, ADD "idle_timeout_seconds" integer,
     ADD "deadline_at" TIMESTAMP(3) WITH TIME ZONE, ADD "missed" integer NOT NULL DEFAULT '0',
     ALTER COLUMN "organization_id" DROP NOT NULL, ALTER COLUMN "requested_by" DROP NOT NULL`,
  `ALTER TABLE "jobs"."jobs" ALTER COLUMN "subject_type" DROP DEFAULT`,
  `UPDATE jobs.jobs j SET
     lane = CASE WHEN j.lane_seq IS NULL THEN NULL ELSE 'environment:' || j.subject_id END,
     subject_name = e.name,
     expected_revision = (j.arguments->>'expected_revision')::int,
     requirements = jsonb_build_object('manager', jsonb_build_object('type', e.package_manager)),
     result = CASE WHEN j.committed_revision IS NULL THEN j.result ELSE jsonb_build_object('revision', j.committed_revision) END,
     deadline_at = CASE WHEN j.status = 'running' THEN now() + interval '1 hour' END,
     change = jsonb_build_object('type', j.type) || CASE j.type
       WHEN 'create' THEN jsonb_build_object(
         'python', j.arguments->'python', 'packages', coalesce(j.arguments->'packages', '[]'),
         'pypi_packages', coalesce(j.arguments->'pypi_packages', '[]'),
         'manifest', CASE WHEN j.arguments ? 'manifest' THEN jsonb_build_object('sha256', encode(sha256(convert_to(j.arguments->>'manifest', 'UTF8')), 'hex')) END,
         'lockfile', CASE WHEN j.arguments ? 'lockfile' THEN jsonb_build_object('sha256', encode(sha256(convert_to(j.arguments->>'lockfile', 'UTF8')), 'hex')) END)
       WHEN 'install' THEN jsonb_build_object(
         'packages', coalesce(j.arguments->'packages', '[]'), 'pypi_packages', coalesce(j.arguments->'pypi_packages', '[]'))
       WHEN 'remove' THEN jsonb_build_object('packages', coalesce(j.arguments->'packages', '[]'))
       WHEN 'update' THEN jsonb_build_object('packages', j.arguments->'packages')
       ELSE '{}' END
   FROM environments.environments e WHERE e.id = j.subject_id`,
  `ALTER TABLE "jobs"."jobs" ALTER COLUMN "change" SET NOT NULL, DROP COLUMN "arguments", DROP COLUMN "committed_revision"`,
  `CREATE INDEX "jobs_subject_idx" ON "jobs"."jobs" ("subject_id", "created_at", "id")`,
  `CREATE INDEX "jobs_status_idx" ON "jobs"."jobs" ("status", "created_at", "id")`,
  `CREATE INDEX "jobs_organization_status_idx" ON "jobs"."jobs" ("organization_id", "status", "created_at", "id")`,
  `CREATE INDEX "jobs_deadline_idx" ON "jobs"."jobs" ("deadline_at") WHERE status = 'running'`,
  `CREATE INDEX "jobs_waiting_idx" ON "jobs"."jobs" ("organization_id", "requested_by", "priority", "created_at", "id") WHERE status = 'pending'`,
  `CREATE INDEX "jobs_lane_active_idx" ON "jobs"."jobs" ("lane", "lane_seq") WHERE status IN ('pending', 'running')`,
  `CREATE UNIQUE INDEX "jobs_lane_seq_key" ON "jobs"."jobs" ("lane", "lane_seq")`,
  `CREATE UNIQUE INDEX "jobs_lane_running_key" ON "jobs"."jobs" ("lane") WHERE status = 'running'`,
  `ALTER TABLE "jobs"."claims" DROP COLUMN "claim_answer", ADD "base_revision" integer, ADD "deadline_at" TIMESTAMP(3) WITH TIME ZONE`,
  `CREATE INDEX "claims_unclosed_idx" ON "jobs"."claims" ("job_id") WHERE end_reason = 'lost' AND log_closed_at IS NULL`,
  `CREATE INDEX "claims_ended_idx" ON "jobs"."claims" ("ended_at")`,
  `ALTER TABLE "jobs"."workers" ADD "drain_requested" boolean NOT NULL DEFAULT false, ADD "stale_runs" integer NOT NULL DEFAULT '0', ADD "space" jsonb`,
  `ALTER TABLE "jobs"."events" RENAME COLUMN "environment_id" TO "subject_id"`,
  `ALTER TABLE "jobs"."events" ADD "subject_type" text NOT NULL DEFAULT 'environment', ALTER COLUMN "organization_id" DROP NOT NULL`,
  `ALTER TABLE "jobs"."events" ALTER COLUMN "subject_type" DROP DEFAULT`,
];

const ENVIRONMENTS = [
  `ALTER TABLE "environments"."environments" ADD "store_id" uuid, DROP COLUMN "status_before_delete", DROP COLUMN "last_seq"`,
  `UPDATE environments.environments e SET store_id = c.store_id
   FROM environments.revisions r JOIN environments.artifact_copies c ON c.artifact_id = r.artifact_id AND c.state = 'ready'
   WHERE r.environment_id = e.id AND r.number = e.revision`,
  `UPDATE jobs.jobs j SET store_id = e.store_id FROM environments.environments e
   WHERE e.id = j.subject_id AND j.status IN ('pending', 'running')`,
  // Statuses follow from the rows from here on. A cancelled change could leave one that works, or is just being
  // published, failed: no job could move it from there.
  `UPDATE environments.environments e SET status = CASE
     WHEN e.deleted_at IS NOT NULL THEN 'deleted'
     WHEN activity.is_deleting THEN 'deleting'
     WHEN e.published_revision IS NOT NULL THEN CASE WHEN activity.is_changing THEN 'updating' ELSE 'ready' END
     WHEN activity.is_changing THEN 'creating'
     WHEN e.last_error IS NOT NULL THEN 'failed'
     ELSE 'pending' END
   FROM (
     SELECT e.id, coalesce(bool_or(j.type = 'delete'), false) AS is_deleting,
       coalesce(bool_or(j.type <> 'delete' AND j.status = 'running'), false) AS is_changing
     FROM environments.environments e
     LEFT JOIN jobs.jobs j ON j.lane = 'environment:' || e.id AND j.status IN ('pending', 'running') GROUP BY e.id
   ) activity WHERE activity.id = e.id`,
];

export class Engine1795600000000 implements MigrationInterface {
  readonly name = 'Engine1795600000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...DOCUMENTS, ...STORES, ...ARTIFACTS, ...JOBS, ...ENVIRONMENTS]) {
      await runner.query(statement);
    }
  }

  async down(): Promise<void> {
    throw new Error('There is no way back from this version: restore the database from a backup.');
  }
}
