/** Tables of the jobs service; jobs, claims and events are written by the ledger alone. */
import { Check, Column, Entity, ForeignKey, Generated, Index, PrimaryColumn } from 'typeorm';
import type { ClaimAnswer, FinishAnswer, JobArguments, ManagerReport, SandboxReport } from '../protocol.js';
import type { JobStatus, JobType } from '../states.js';
import type { JobError, JobProgress } from '../words.js';
import { IdempotencyRecord } from './auth.js';
import { CounterColumn, IdColumn, JsonColumn, NowColumn, TimeColumn, counter } from './columns.js';

@Entity({ schema: 'jobs', name: 'workers' })
@Index('workers_live_idx', ['heartbeat_at'], { where: 'ended_at IS NULL' })
export class Worker {
  @IdColumn('workers_pkey') id: string;
  @Column('text') name: string;
  @Column('uuid') store_id: string;
  @Column('text') store_root: string;
  @Column('text') platform: string;
  @Column('text') libc: string;
  @JsonColumn() managers: ManagerReport[];
  @Column('int') slots: number;
  @JsonColumn({ default: {} }) labels: Record<string, string>;
  @JsonColumn() sandbox: SandboxReport;
  @Column('text') version: string;
  @Column('boolean', { default: false }) draining: boolean;
  @NowColumn() registered_at: Date;
  @NowColumn() heartbeat_at: Date;
  /** Set when it said goodbye or was taken for lost; a process that comes back registers anew. */
  @TimeColumn({ nullable: true }) ended_at: Date | null;
  /** `stopped` or `lost`. */
  @Column('text', { nullable: true }) end_reason: string | null;
}

@Entity({ schema: 'jobs', name: 'jobs' })
@Check('jobs_status_check', `status IN ('pending', 'running', 'completed', 'failed', 'cancelled')`)
// At most one changing job of an environment is active, whatever the code above it believes.
@Index('jobs_one_active_key', ['environment_id'], {
  unique: true,
  where: `status = 'running' AND type NOT IN ('plan', 'export')`,
})
@Index('jobs_environment_seq_key', ['environment_id', 'environment_seq'], { unique: true })
@Index('jobs_waiting_idx', ['environment_id', 'environment_seq'], { where: `status = 'pending'` })
@Index('jobs_worker_idx', ['worker_id'], {
  where: `status IN ('pending', 'running') AND worker_id IS NOT NULL`,
})
@Index('jobs_organization_idx', ['organization_id', 'created_at', 'id'])
@Index('jobs_environment_idx', ['environment_id', 'created_at', 'id'])
@Index('jobs_all_idx', ['created_at', 'id'])
export class Job {
  @IdColumn('jobs_pkey') id: string;
  @Column('text') type: JobType;
  @Column('text', { default: 'pending' }) status: JobStatus;
  @ForeignKey('Environment', 'id', { name: 'jobs_environment_fkey' })
  @Column('uuid')
  environment_id: string;
  @Column('uuid') organization_id: string;
  /** Order of the changes of one environment; null for a job that only reads. */
  @CounterColumn({ nullable: true }) environment_seq: number | null;
  @Column('uuid') requested_by: string;
  @JsonColumn({ default: {} }) arguments: JobArguments;
  @Column('int', { default: 0 }) priority: number;

  @Column('int', { default: 0 }) epoch: number;
  @Column('int', { default: 0 }) attempts_used: number;
  @Column('int', { default: 3 }) max_attempts: number;
  /** Losses of a worker while this job ran alone on it. */
  @Column('int', { default: 0 }) worker_losses: number;
  /** After one loss of a worker it gets a worker to itself. */
  @Column('boolean', { default: false }) runs_alone: boolean;
  @TimeColumn({ nullable: true }) not_before: Date | null;

  /** Rises at every dispatch and every withdrawal, so an old delivery never fits. */
  @Column('int', { default: 0 }) dispatch_no: number;
  @TimeColumn({ nullable: true }) dispatched_at: Date | null;
  @Column('uuid', { nullable: true }) worker_id: string | null;
  @Column('text', { nullable: true }) waiting_for: string | null;

  @JsonColumn({ nullable: true }) progress: JobProgress | null;
  @JsonColumn({ nullable: true }) error: JobError | null;
  @JsonColumn({ nullable: true }) result: Record<string, unknown> | null;
  /** Set once a finish was committed: from then on the job can only become completed. */
  @TimeColumn({ nullable: true }) committed_at: Date | null;
  @Column('int', { nullable: true }) committed_revision: number | null;

  @TimeColumn({ nullable: true }) cancel_requested_at: Date | null;
  @Column('uuid', { nullable: true }) cancel_requested_by: string | null;
  /** Why it is to stop: `cancelled`, `timeout`, `environment_deleted`. */
  @Column('text', { nullable: true }) cancel_code: string | null;

  @NowColumn() created_at: Date;
  @TimeColumn({ nullable: true }) started_at: Date | null;
  @TimeColumn({ nullable: true }) finished_at: Date | null;
}

/** One claim of a job: what was answered, so that a lost answer can be given again. */
@Entity({ schema: 'jobs', name: 'claims' })
@Index('claims_delivery_key', ['delivery_id'], { unique: true })
export class Claim {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'claims_pkey' })
  @ForeignKey('Job', 'id', { name: 'claims_job_fkey', onDelete: 'CASCADE' })
  job_id: string;
  @PrimaryColumn({ type: 'int', primaryKeyConstraintName: 'claims_pkey' }) epoch: number;
  @Column('uuid') worker_id: string;
  @Column('uuid') delivery_id: string;
  @Column('int') dispatch_no: number;
  @NowColumn() claimed_at: Date;
  @JsonColumn() claim_answer: ClaimAnswer;
  @JsonColumn({ nullable: true }) finish_answer: FinishAnswer | null;
  @JsonColumn({ nullable: true }) timings: Record<string, number> | null;
  @TimeColumn({ nullable: true }) ended_at: Date | null;
  /** `published`, `failed`, `cancelled`, `retry`, `released`, `lost`. */
  @Column('text', { nullable: true }) end_reason: string | null;
  /** Nobody may add to this epoch's log from then on. */
  @TimeColumn({ nullable: true }) log_closed_at: Date | null;
  @CounterColumn({ nullable: true }) log_last_seq: number | null;
}

/** Lines of one epoch's log, as the worker sent them: gzip of NDJSON. */
@Entity({ schema: 'jobs', name: 'log_chunks' })
@Index('log_chunks_created_idx', ['created_at'])
export class LogChunk {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'log_chunks_pkey' })
  @ForeignKey('Job', 'id', { name: 'log_chunks_job_fkey', onDelete: 'CASCADE' })
  job_id: string;
  @PrimaryColumn({ type: 'int', primaryKeyConstraintName: 'log_chunks_pkey' }) epoch: number;
  @PrimaryColumn({ type: 'bigint', primaryKeyConstraintName: 'log_chunks_pkey', transformer: counter })
  first_seq: number;
  @CounterColumn() last_seq: number;
  @Column('int') line_count: number;
  @Column('int') text_bytes: number;
  @Column('bytea') data: Buffer;
  @NowColumn() created_at: Date;
}

/** One epoch's log that was removed because of its age, so that readers can be told. */
@Entity({ schema: 'jobs', name: 'removed_logs' })
export class RemovedLog {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'removed_logs_pkey' })
  @ForeignKey('Job', 'id', { name: 'removed_logs_job_fkey', onDelete: 'CASCADE' })
  job_id: string;
  @PrimaryColumn({ type: 'int', primaryKeyConstraintName: 'removed_logs_pkey' }) epoch: number;
  @CounterColumn() last_seq: number;
  @CounterColumn() text_bytes: number;
  @NowColumn() removed_at: Date;
}

/** Changes of jobs and environments, read in the order of their positions (docs/adr/0006). */
@Entity({ schema: 'jobs', name: 'events' })
@Index('events_position_key', ['position'], { unique: true, where: 'position IS NOT NULL' })
@Index('events_waiting_idx', ['id'], { where: 'position IS NULL' })
export class Event {
  @Generated('increment')
  @PrimaryColumn({ type: 'bigint', primaryKeyConstraintName: 'events_pkey', transformer: counter })
  id: number;
  /** Null until it is committed and the sequencer has numbered it. */
  @CounterColumn({ nullable: true }) position: number | null;
  @Column('text') type: 'job' | 'environment';
  @Column('uuid') resource_id: string;
  @Column('uuid') environment_id: string;
  @Column('uuid') organization_id: string;
  /** The object as the API answers it, at that moment. */
  @JsonColumn() data: Record<string, unknown>;
  @NowColumn() created_at: Date;
}

@Entity({ schema: 'jobs', name: 'idempotency_keys' })
@Index('jobs_idempotency_keys_created_idx', ['created_at'])
export class JobsIdempotencyKey extends IdempotencyRecord {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'jobs_idempotency_keys_pkey' }) actor_id: string;
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'jobs_idempotency_keys_pkey' }) key: string;
}
