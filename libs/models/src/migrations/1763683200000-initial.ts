/** Generated from the entities, then reviewed; the storage of log chunks was added by hand. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  'CREATE SCHEMA auth',
  'CREATE SCHEMA environments',
  'CREATE SCHEMA jobs',
  `CREATE TABLE "auth"."users" ("id" uuid NOT NULL, "username" text NOT NULL, "email" text, "password_hash" text NOT NULL, "role" text NOT NULL DEFAULT 'user', "disabled" boolean NOT NULL DEFAULT false, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "users_role_check" CHECK (role IN ('admin', 'user')), CONSTRAINT "users_pkey" PRIMARY KEY ("id"))`,
  `CREATE UNIQUE INDEX "users_username_key" ON "auth"."users" ("username")`,
  `CREATE TABLE "auth"."organizations" ("id" uuid NOT NULL, "name" text NOT NULL, "personal_user_id" uuid, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "organizations_pkey" PRIMARY KEY ("id"))`,
  `CREATE UNIQUE INDEX "organizations_name_key" ON "auth"."organizations" ("name")`,
  `CREATE UNIQUE INDEX "organizations_personal_key" ON "auth"."organizations" ("personal_user_id") WHERE personal_user_id IS NOT NULL`,
  `CREATE TABLE "auth"."memberships" ("user_id" uuid NOT NULL, "organization_id" uuid NOT NULL, "role" text NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "memberships_role_check" CHECK (role IN ('owner', 'admin', 'member', 'viewer')), CONSTRAINT "memberships_pkey" PRIMARY KEY ("user_id", "organization_id"))`,
  `CREATE INDEX "memberships_organization_idx" ON "auth"."memberships" ("organization_id")`,
  `CREATE TABLE "auth"."sessions" ("id" uuid NOT NULL, "user_id" uuid NOT NULL, "kind" text NOT NULL, "secret_hash" bytea, "address" text, "user_agent" text, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "last_seen_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "expires_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "revoked_at" TIMESTAMP(3) WITH TIME ZONE, CONSTRAINT "sessions_kind_check" CHECK (kind IN ('browser', 'api')), CONSTRAINT "sessions_pkey" PRIMARY KEY ("id"))`,
  `CREATE INDEX "sessions_user_idx" ON "auth"."sessions" ("user_id")`,
  `CREATE UNIQUE INDEX "sessions_secret_key" ON "auth"."sessions" ("secret_hash") WHERE secret_hash IS NOT NULL`,
  `CREATE TABLE "auth"."refresh_tokens" ("id" uuid NOT NULL, "session_id" uuid NOT NULL, "token_hash" bytea NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "expires_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "used_at" TIMESTAMP(3) WITH TIME ZONE, "successor_id" uuid, CONSTRAINT "refresh_tokens_pkey" PRIMARY KEY ("id"))`,
  `CREATE INDEX "refresh_tokens_session_idx" ON "auth"."refresh_tokens" ("session_id")`,
  `CREATE TABLE "auth"."signing_keys" ("id" uuid NOT NULL, "public_jwk" jsonb NOT NULL, "private_key_encrypted" bytea NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "retired_at" TIMESTAMP(3) WITH TIME ZONE, CONSTRAINT "signing_keys_pkey" PRIMARY KEY ("id"))`,
  `CREATE TABLE "auth"."login_attempts" ("key" text NOT NULL, "count" integer NOT NULL, "window_started_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "blocked_until" TIMESTAMP(3) WITH TIME ZONE, CONSTRAINT "login_attempts_pkey" PRIMARY KEY ("key"))`,
  `CREATE TABLE "auth"."audit_events" ("id" uuid NOT NULL, "time" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "actor_id" uuid, "organization_id" uuid, "action" text NOT NULL, "resource_type" text NOT NULL, "resource_id" text, "outcome" text NOT NULL, "address" text, "before" jsonb, "after" jsonb, CONSTRAINT "audit_events_pkey" PRIMARY KEY ("id"))`,
  `CREATE INDEX "audit_events_resource_idx" ON "auth"."audit_events" ("resource_type", "resource_id", "time")`,
  `CREATE INDEX "audit_events_organization_time_idx" ON "auth"."audit_events" ("organization_id", "time", "id")`,
  `CREATE TABLE "auth"."idempotency_keys" ("route" text NOT NULL, "request_hash" text NOT NULL, "status" integer, "body" jsonb, "headers" jsonb, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "actor_id" uuid NOT NULL, "key" text NOT NULL, CONSTRAINT "auth_idempotency_keys_pkey" PRIMARY KEY ("actor_id", "key"))`,
  `CREATE INDEX "auth_idempotency_keys_created_idx" ON "auth"."idempotency_keys" ("created_at")`,
  `CREATE TABLE "environments"."environments" ("id" uuid NOT NULL, "name" text NOT NULL, "description" text NOT NULL DEFAULT '', "labels" jsonb NOT NULL DEFAULT '{}', "organization_id" uuid NOT NULL, "owner_id" uuid NOT NULL, "package_manager" text NOT NULL, "python" text, "channels" text array NOT NULL DEFAULT '{}', "platforms" text array NOT NULL DEFAULT '{}', "status" text NOT NULL DEFAULT 'pending', "status_before_delete" text, "revision" integer, "published_revision" integer, "last_seq" bigint NOT NULL DEFAULT '0', "last_error" jsonb, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "deleted_at" TIMESTAMP(3) WITH TIME ZONE, CONSTRAINT "environments_package_manager_check" CHECK (package_manager IN ('pixi', 'uv')), CONSTRAINT "environments_status_check" CHECK (status IN ('pending', 'creating', 'ready', 'updating', 'failed', 'deleting', 'deleted')), CONSTRAINT "environments_pkey" PRIMARY KEY ("id"))`,
  `CREATE INDEX "environments_all_idx" ON "environments"."environments" ("created_at", "id") WHERE deleted_at IS NULL`,
  `CREATE INDEX "environments_list_idx" ON "environments"."environments" ("organization_id", "created_at", "id") WHERE deleted_at IS NULL`,
  `CREATE UNIQUE INDEX "environments_name_key" ON "environments"."environments" ("organization_id", "name") WHERE deleted_at IS NULL`,
  `CREATE TABLE "environments"."artifacts" ("id" uuid NOT NULL, "pool" text NOT NULL, "digest" text NOT NULL, "package_manager" text NOT NULL, "build_id" text NOT NULL, "state" text NOT NULL DEFAULT 'building', "size_bytes" bigint, "file_count" bigint, "tool_version" text, "python_version" text, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "ready_at" TIMESTAMP(3) WITH TIME ZONE, CONSTRAINT "artifacts_state_check" CHECK (state IN ('building', 'ready', 'damaged', 'deleting', 'deleted')), CONSTRAINT "artifacts_pkey" PRIMARY KEY ("id"))`,
  `CREATE UNIQUE INDEX "artifacts_digest_key" ON "environments"."artifacts" ("pool", "digest") WHERE state IN ('ready', 'damaged')`,
  `CREATE TABLE "environments"."artifact_copies" ("artifact_id" uuid NOT NULL, "store_id" uuid NOT NULL, "store_root" text NOT NULL, "path" text NOT NULL, "state" text NOT NULL DEFAULT 'building', CONSTRAINT "artifact_copies_state_check" CHECK (state IN ('building', 'ready', 'damaged', 'deleting', 'deleted')), CONSTRAINT "artifact_copies_pkey" PRIMARY KEY ("artifact_id", "store_id"))`,
  `CREATE TABLE "environments"."artifact_refs" ("artifact_id" uuid NOT NULL, "kind" text NOT NULL, "holder_id" uuid NOT NULL, "number" integer NOT NULL, CONSTRAINT "artifact_refs_kind_check" CHECK (kind IN ('job', 'revision')), CONSTRAINT "artifact_refs_pkey" PRIMARY KEY ("artifact_id", "kind", "holder_id", "number"))`,
  `CREATE INDEX "artifact_refs_holder_idx" ON "environments"."artifact_refs" ("holder_id", "number")`,
  `CREATE TABLE "environments"."revisions" ("environment_id" uuid NOT NULL, "number" integer NOT NULL, "job_id" uuid NOT NULL, "manifest" text NOT NULL, "lockfile" text NOT NULL, "digest" text NOT NULL, "artifact_id" uuid NOT NULL, "reason" text NOT NULL, "packages" text array NOT NULL DEFAULT '{}', "tool_version" text, "python_version" text, "size_bytes" bigint, "package_count" integer NOT NULL, "created_by" uuid NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "published_at" TIMESTAMP(3) WITH TIME ZONE, CONSTRAINT "revisions_pkey" PRIMARY KEY ("environment_id", "number"))`,
  `CREATE UNIQUE INDEX "revisions_job_key" ON "environments"."revisions" ("job_id")`,
  `CREATE INDEX "revisions_artifact_idx" ON "environments"."revisions" ("artifact_id")`,
  `CREATE TABLE "environments"."revision_packages" ("environment_id" uuid NOT NULL, "number" integer NOT NULL, "kind" text NOT NULL, "name" text NOT NULL, "version" text NOT NULL, "build" text, "channel" text, "explicit" boolean NOT NULL, "requested" text, "size_bytes" bigint, "license" text, CONSTRAINT "revision_packages_pkey" PRIMARY KEY ("environment_id", "number", "kind", "name"))`,
  `CREATE INDEX "revision_packages_name_idx" ON "environments"."revision_packages" ("name", "version")`,
  `CREATE TABLE "environments"."access_grants" ("id" uuid NOT NULL, "environment_id" uuid NOT NULL, "user_id" uuid, "organization_id" uuid, "role" text NOT NULL, "created_by" uuid NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "access_grants_grantee_check" CHECK ((user_id IS NULL) <> (organization_id IS NULL)), CONSTRAINT "access_grants_role_check" CHECK (role IN ('viewer', 'editor')), CONSTRAINT "access_grants_pkey" PRIMARY KEY ("id"))`,
  `CREATE INDEX "access_grants_environment_idx" ON "environments"."access_grants" ("environment_id")`,
  `CREATE UNIQUE INDEX "access_grants_organization_key" ON "environments"."access_grants" ("organization_id", "environment_id") WHERE organization_id IS NOT NULL`,
  `CREATE UNIQUE INDEX "access_grants_user_key" ON "environments"."access_grants" ("user_id", "environment_id") WHERE user_id IS NOT NULL`,
  `CREATE TABLE "environments"."idempotency_keys" ("route" text NOT NULL, "request_hash" text NOT NULL, "status" integer, "body" jsonb, "headers" jsonb, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "actor_id" uuid NOT NULL, "key" text NOT NULL, CONSTRAINT "environments_idempotency_keys_pkey" PRIMARY KEY ("actor_id", "key"))`,
  `CREATE INDEX "environments_idempotency_keys_created_idx" ON "environments"."idempotency_keys" ("created_at")`,
  `CREATE TABLE "jobs"."workers" ("id" uuid NOT NULL, "name" text NOT NULL, "store_id" uuid NOT NULL, "store_root" text NOT NULL, "platform" text NOT NULL, "libc" text NOT NULL, "managers" jsonb NOT NULL, "slots" integer NOT NULL, "labels" jsonb NOT NULL DEFAULT '{}', "sandbox" jsonb NOT NULL, "version" text NOT NULL, "draining" boolean NOT NULL DEFAULT false, "registered_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "heartbeat_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "ended_at" TIMESTAMP(3) WITH TIME ZONE, "end_reason" text, CONSTRAINT "workers_pkey" PRIMARY KEY ("id"))`,
  `CREATE INDEX "workers_live_idx" ON "jobs"."workers" ("heartbeat_at") WHERE ended_at IS NULL`,
  `CREATE TABLE "jobs"."jobs" ("id" uuid NOT NULL, "type" text NOT NULL, "status" text NOT NULL DEFAULT 'pending', "environment_id" uuid NOT NULL, "organization_id" uuid NOT NULL, "environment_seq" bigint, "requested_by" uuid NOT NULL, "arguments" jsonb NOT NULL DEFAULT '{}', "priority" integer NOT NULL DEFAULT '0', "epoch" integer NOT NULL DEFAULT '0', "attempts_used" integer NOT NULL DEFAULT '0', "max_attempts" integer NOT NULL DEFAULT '3', "worker_losses" integer NOT NULL DEFAULT '0', "runs_alone" boolean NOT NULL DEFAULT false, "not_before" TIMESTAMP(3) WITH TIME ZONE, "dispatch_no" integer NOT NULL DEFAULT '0', "dispatched_at" TIMESTAMP(3) WITH TIME ZONE, "worker_id" uuid, "waiting_for" text, "progress" jsonb, "error" jsonb, "result" jsonb, "committed_at" TIMESTAMP(3) WITH TIME ZONE, "committed_revision" integer, "cancel_requested_at" TIMESTAMP(3) WITH TIME ZONE, "cancel_requested_by" uuid, "cancel_code" text, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "started_at" TIMESTAMP(3) WITH TIME ZONE, "finished_at" TIMESTAMP(3) WITH TIME ZONE, CONSTRAINT "jobs_status_check" CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')), CONSTRAINT "jobs_pkey" PRIMARY KEY ("id"))`,
  `CREATE INDEX "jobs_all_idx" ON "jobs"."jobs" ("created_at", "id")`,
  `CREATE INDEX "jobs_environment_idx" ON "jobs"."jobs" ("environment_id", "created_at", "id")`,
  `CREATE INDEX "jobs_organization_idx" ON "jobs"."jobs" ("organization_id", "created_at", "id")`,
  `CREATE INDEX "jobs_worker_idx" ON "jobs"."jobs" ("worker_id") WHERE status IN ('pending', 'running') AND worker_id IS NOT NULL`,
  `CREATE INDEX "jobs_waiting_idx" ON "jobs"."jobs" ("environment_id", "environment_seq") WHERE status = 'pending'`,
  `CREATE UNIQUE INDEX "jobs_environment_seq_key" ON "jobs"."jobs" ("environment_id", "environment_seq")`,
  `CREATE UNIQUE INDEX "jobs_one_active_key" ON "jobs"."jobs" ("environment_id") WHERE status = 'running' AND type NOT IN ('plan', 'export')`,
  `CREATE TABLE "jobs"."claims" ("job_id" uuid NOT NULL, "epoch" integer NOT NULL, "worker_id" uuid NOT NULL, "delivery_id" uuid NOT NULL, "dispatch_no" integer NOT NULL, "claimed_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "claim_answer" jsonb NOT NULL, "finish_answer" jsonb, "timings" jsonb, "ended_at" TIMESTAMP(3) WITH TIME ZONE, "end_reason" text, "log_closed_at" TIMESTAMP(3) WITH TIME ZONE, "log_last_seq" bigint, CONSTRAINT "claims_pkey" PRIMARY KEY ("job_id", "epoch"))`,
  `CREATE UNIQUE INDEX "claims_delivery_key" ON "jobs"."claims" ("delivery_id")`,
  `CREATE TABLE "jobs"."log_chunks" ("job_id" uuid NOT NULL, "epoch" integer NOT NULL, "first_seq" bigint NOT NULL, "last_seq" bigint NOT NULL, "line_count" integer NOT NULL, "text_bytes" integer NOT NULL, "data" bytea NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "log_chunks_pkey" PRIMARY KEY ("job_id", "epoch", "first_seq"))`,
  `CREATE TABLE "jobs"."events" ("id" BIGSERIAL NOT NULL, "xid" bigint NOT NULL, "type" text NOT NULL, "resource_id" uuid NOT NULL, "environment_id" uuid NOT NULL, "organization_id" uuid NOT NULL, "data" jsonb NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "events_pkey" PRIMARY KEY ("id"))`,
  `CREATE INDEX "events_created_idx" ON "jobs"."events" ("created_at")`,
  `CREATE INDEX "events_order_idx" ON "jobs"."events" ("xid", "id")`,
  `CREATE TABLE "jobs"."idempotency_keys" ("route" text NOT NULL, "request_hash" text NOT NULL, "status" integer, "body" jsonb, "headers" jsonb, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "actor_id" uuid NOT NULL, "key" text NOT NULL, CONSTRAINT "jobs_idempotency_keys_pkey" PRIMARY KEY ("actor_id", "key"))`,
  `CREATE INDEX "jobs_idempotency_keys_created_idx" ON "jobs"."idempotency_keys" ("created_at")`,
  `ALTER TABLE "auth"."organizations" ADD CONSTRAINT "organizations_personal_user_fkey" FOREIGN KEY ("personal_user_id") REFERENCES "auth"."users"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "auth"."memberships" ADD CONSTRAINT "memberships_user_fkey" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
  `ALTER TABLE "auth"."memberships" ADD CONSTRAINT "memberships_organization_fkey" FOREIGN KEY ("organization_id") REFERENCES "auth"."organizations"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
  `ALTER TABLE "auth"."sessions" ADD CONSTRAINT "sessions_user_fkey" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
  `ALTER TABLE "auth"."refresh_tokens" ADD CONSTRAINT "refresh_tokens_session_fkey" FOREIGN KEY ("session_id") REFERENCES "auth"."sessions"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
  `ALTER TABLE "environments"."artifact_copies" ADD CONSTRAINT "artifact_copies_artifact_fkey" FOREIGN KEY ("artifact_id") REFERENCES "environments"."artifacts"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
  `ALTER TABLE "environments"."artifact_refs" ADD CONSTRAINT "artifact_refs_artifact_fkey" FOREIGN KEY ("artifact_id") REFERENCES "environments"."artifacts"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "environments"."revisions" ADD CONSTRAINT "revisions_environment_fkey" FOREIGN KEY ("environment_id") REFERENCES "environments"."environments"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "environments"."revisions" ADD CONSTRAINT "revisions_artifact_fkey" FOREIGN KEY ("artifact_id") REFERENCES "environments"."artifacts"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "environments"."revision_packages" ADD CONSTRAINT "revision_packages_revision_fkey" FOREIGN KEY ("environment_id", "number") REFERENCES "environments"."revisions"("environment_id","number") ON DELETE CASCADE ON UPDATE NO ACTION`,
  `ALTER TABLE "environments"."access_grants" ADD CONSTRAINT "access_grants_environment_fkey" FOREIGN KEY ("environment_id") REFERENCES "environments"."environments"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
  `ALTER TABLE "jobs"."jobs" ADD CONSTRAINT "jobs_environment_fkey" FOREIGN KEY ("environment_id") REFERENCES "environments"."environments"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "jobs"."claims" ADD CONSTRAINT "claims_job_fkey" FOREIGN KEY ("job_id") REFERENCES "jobs"."jobs"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
  `ALTER TABLE "jobs"."log_chunks" ADD CONSTRAINT "log_chunks_job_fkey" FOREIGN KEY ("job_id") REFERENCES "jobs"."jobs"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
  // The chunks are gzip already; trying to compress them again only costs time.
  'ALTER TABLE jobs.log_chunks ALTER COLUMN data SET STORAGE EXTERNAL',
];

export class Initial1763683200000 implements MigrationInterface {
  readonly name = 'Initial1763683200000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA jobs, environments, auth CASCADE');
  }
}
