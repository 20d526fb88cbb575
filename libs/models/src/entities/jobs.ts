/** Tables of the jobs service; jobs, claims and events are written by the ledger alone. */
import { Check, Column, Entity, ForeignKey, Generated, Index, PrimaryColumn } from 'typeorm';
import type { StoredChange } from '../change.js';
import type { FinishAnswer, ManagerReport, SandboxReport, StoreSpace } from '../protocol.js';
import type { JobStatus, JobType, SubjectType } from '../states.js';
import type { ClaimEnd, JobError, JobProgress, JobRequirements } from '../words.js';
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
  /** It said that it is stopping. */
  @Column('boolean', { default: false }) draining: boolean;
  /** An administrator wants no new jobs on it. */
  @Column('boolean', { default: false }) drain_requested: boolean;
  /** Runs that it still lists although their epoch is over: each holds a slot until it has ended. */
  @Column('int', { default: 0 }) stale_runs: number;
  @JsonColumn({ nullable: true }) space: StoreSpace | null;
  @NowColumn() registered_at: Date;
  @NowColumn() heartbeat_at: Date;
  /** Set when it said goodbye or was taken for lost; a process that comes back registers again. */
  @TimeColumn({ nullable: true }) ended_at: Date | null;
  /** `stopped` or `lost`. */
  @Column('text', { nullable: true }) end_reason: string | null;
}

/** One lane of changing jobs. Whoever moves one of them locks this row first, then the job, then its subject. */
@Entity({ schema: 'jobs', name: 'lanes' })
export class Lane {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'lanes_pkey' }) lane: string;
  /** Last number given to a job of the lane. */
  @CounterColumn({ default: 0 }) last_seq: number;
}

@Entity({ schema: 'jobs', name: 'jobs' })
@Check('jobs_status_check', `status IN ('pending', 'running', 'completed', 'failed', 'cancelled')`)
// At most one changing job of a lane is active, whatever the code above it believes.
@Index('jobs_lane_running_key', ['lane'], { unique: true, where: `status = 'running'` })
@Index('jobs_lane_seq_key', ['lane', 'lane_seq'], { unique: true })
@Index('jobs_lane_active_idx', ['lane', 'lane_seq'], { where: `status IN ('pending', 'running')` })
@Index('jobs_waiting_idx', ['organization_id', 'requested_by', 'priority', 'created_at', 'id'], {
  where: `status = 'pending'`,
})
@Index('jobs_worker_idx', ['worker_id'], {
  where: `status IN ('pending', 'running') AND worker_id IS NOT NULL`,
})
@Index('jobs_deadline_idx', ['deadline_at'], { where: `status = 'running'` })
@Index('jobs_organization_idx', ['organization_id', 'created_at', 'id'])
@Index('jobs_organization_status_idx', ['organization_id', 'status', 'created_at', 'id'])
@Index('jobs_status_idx', ['status', 'created_at', 'id'])
@Index('jobs_subject_idx', ['subject_id', 'created_at', 'id'])
@Index('jobs_all_idx', ['created_at', 'id'])
export class Job {
  @IdColumn('jobs_pkey') id: string;
  @Column('text') type: JobType;
  @Column('text', { default: 'pending' }) status: JobStatus;
  @Column('text') subject_type: SubjectType;
  @Column('uuid') subject_id: string;
  /** The subject's name when the job was requested, so that lists need no look-up. */
  @Column('text', { default: '' }) subject_name: string;
  /** Whose it is; null for work on a store. */
  @Column('uuid', { nullable: true }) organization_id: string | null;
  /** Null for a job that only reads. */
  @Column('text', { nullable: true }) lane: string | null;
  @CounterColumn({ nullable: true }) lane_seq: number | null;
  /** Null when Darb itself asked for it. */
  @Column('uuid', { nullable: true }) requested_by: string | null;
  /** What to do; documents are references. */
  @JsonColumn() change: StoredChange;
  /** If-Match of the request, checked again at the claim. */
  @Column('int', { nullable: true }) expected_revision: number | null;
  /** What the worker must have; dispatch pairs by it. */
  @JsonColumn({ default: {} }) requirements: JobRequirements;
  /** The store that has the subject's files; null while any will do. */
  @Column('uuid', { nullable: true }) store_id: string | null;
  @Column('int', { default: 0 }) priority: number;
  /** The job that this one repeats. */
  @Column('uuid', { nullable: true }) retry_of: string | null;
  /** Longest run and longest silence; null: the instance's own limits. */
  @Column('int', { nullable: true }) timeout_seconds: number | null;
  @Column('int', { nullable: true }) idle_timeout_seconds: number | null;

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
  /** Until when the current claim may last, by Postgres' clock. */
  @TimeColumn({ nullable: true }) deadline_at: Date | null;
  /** Heartbeats in a row in which the worker did not list it. */
  @Column('int', { default: 0 }) missed: number;

  @JsonColumn({ nullable: true }) progress: JobProgress | null;
  @JsonColumn({ nullable: true }) error: JobError | null;
  /** Written with the commit, shown once the job is completed. */
  @JsonColumn({ nullable: true }) result: Record<string, unknown> | null;
  /** Set once a finish was committed: from then on nothing but publishing is left. */
  @TimeColumn({ nullable: true }) committed_at: Date | null;

  @TimeColumn({ nullable: true }) cancel_requested_at: Date | null;
  @Column('uuid', { nullable: true }) cancel_requested_by: string | null;
  /** Why it is to stop: `cancelled`, `timeout`, `environment_deleted`. */
  @Column('text', { nullable: true }) cancel_code: string | null;

  @NowColumn() created_at: Date;
  @TimeColumn({ nullable: true }) started_at: Date | null;
  @TimeColumn({ nullable: true }) finished_at: Date | null;
}

/** One claim of a job. What was answered can be answered again: the order follows from the job and its base. */
@Entity({ schema: 'jobs', name: 'claims' })
@Index('claims_delivery_key', ['delivery_id'], { unique: true })
@Index('claims_unclosed_idx', ['job_id'], { where: `end_reason = 'lost' AND log_closed_at IS NULL` })
@Index('claims_ended_idx', ['ended_at'])
export class Claim {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'claims_pkey' })
  @ForeignKey('Job', 'id', { name: 'claims_job_fkey', onDelete: 'CASCADE' })
  job_id: string;
  @PrimaryColumn({ type: 'int', primaryKeyConstraintName: 'claims_pkey' }) epoch: number;
  @Column('uuid') worker_id: string;
  @Column('uuid') delivery_id: string;
  @Column('int') dispatch_no: number;
  /** Revision of the environment that the work order started from. */
  @Column('int', { nullable: true }) base_revision: number | null;
  @NowColumn() claimed_at: Date;
  @TimeColumn({ nullable: true }) deadline_at: Date | null;
  @JsonColumn({ nullable: true }) finish_answer: FinishAnswer | null;
  @JsonColumn({ nullable: true }) timings: Record<string, number> | null;
  @TimeColumn({ nullable: true }) ended_at: Date | null;
  @Column('text', { nullable: true }) end_reason: ClaimEnd | null;
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
  @Column('text') type: 'job' | SubjectType;
  @Column('uuid') resource_id: string;
  @Column('text') subject_type: SubjectType;
  @Column('uuid') subject_id: string;
  /** Null for what belongs to nobody's organization: instance admins see it. */
  @Column('uuid', { nullable: true }) organization_id: string | null;
  /** The object as the API returned it at that moment. */
  @JsonColumn() data: Record<string, unknown>;
  @NowColumn() created_at: Date;
}

@Entity({ schema: 'jobs', name: 'idempotency_keys' })
@Index('jobs_idempotency_keys_created_idx', ['created_at'])
export class JobsIdempotencyKey extends IdempotencyRecord {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'jobs_idempotency_keys_pkey' }) actor_id: string;
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'jobs_idempotency_keys_pkey' }) key: string;
}
