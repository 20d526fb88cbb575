import { JOB_PHASES, JOB_STATUSES, JOB_TYPES, SUBJECT_TYPES } from '@darb/models';
import type { JobPhase, JobStatus, JobType, SubjectType } from '@darb/models';
import { PageQuery } from '@darb/service-kit';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsOptional, IsString, IsUUID, ValidateIf } from 'class-validator';

/** As many as one request may name. */
const MAX_SPECS = 200;
const ATTEMPT_OUTCOMES = ['completed', 'failed', 'cancelled', 'retry', 'released', 'lost'] as const;
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];

/** Which jobs to list, newest first. */
export class ListJobsQuery extends PageQuery {
  /** Only jobs of this environment. */
  @IsOptional()
  @IsUUID()
  environment_id?: string;

  /** Only jobs in one of these statuses, separated by commas. */
  @ApiProperty({ type: String, required: false, example: 'pending,running' })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.split(',') : value))
  @IsIn(JOB_STATUSES, { each: true })
  @ArrayMaxSize(JOB_STATUSES.length)
  status?: JobStatus[];

  /** Only jobs of this type. */
  @ApiProperty({ enum: JOB_TYPES, enumName: 'JobType' })
  @IsOptional()
  @IsIn(JOB_TYPES)
  type?: JobType;

  /** Only jobs that this user asked for; `me` is you. */
  @IsOptional()
  @ValidateIf((query: ListJobsQuery) => query.requested_by !== 'me')
  @IsUUID()
  requested_by?: string;
}

/** What to do differently when a job is repeated. */
export class RetryJobBody {
  /** In place of the job's own specs or names. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_SPECS)
  @IsString({ each: true })
  packages?: string[];

  /** pixi only: in place of the job's own PyPI specs. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_SPECS)
  @IsString({ each: true })
  pypi_packages?: string[];
}

/** How far a running job is. */
export class JobProgressDto {
  @ApiProperty({ enum: JOB_PHASES, enumName: 'JobPhase' })
  phase: JobPhase;

  /** Units of the phase that are done; null when unknown. */
  done: number | null;

  /** Units of the phase altogether; null when unknown. */
  total: number | null;
}

/** Why a job failed. */
export class JobErrorDto {
  /** Stable code, for example `unsatisfiable`, `needs_source_build`, `cancelled`. */
  code: string;

  /** Who has to act: the person who asked, the people who run Darb, or its developers. */
  @ApiProperty({ enum: ['user', 'operational', 'bug'], enumName: 'ErrorFamily' })
  family: 'user' | 'operational' | 'bug';

  /** A sentence for people. */
  message: string;

  /** The tool's own message, cut to what matters. */
  extract: string | null;
}

/** What a job is about. */
export class SubjectDto {
  @ApiProperty({ enum: SUBJECT_TYPES, enumName: 'SubjectType' })
  type: SubjectType;

  id: string;
}

/** One operation on an environment or a store. */
export class JobDto {
  /** UUIDv7. */
  id: string;

  @ApiProperty({ enum: JOB_TYPES, enumName: 'JobType' })
  type: JobType;

  @ApiProperty({ enum: JOB_STATUSES, enumName: 'JobStatus' })
  status: JobStatus;

  subject: SubjectDto;

  /** Null for work on a store; so is the name. */
  environment_id: string | null;

  /** The environment's name when the job was requested. */
  environment_name: string | null;

  /** Id of the user who requested it; null when Darb itself did. */
  requested_by: string | null;

  /** Specs or names as they were typed. */
  packages: string[];

  /** The whole change, in the words of its request; documents as `{"sha256": …}`. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  change: Record<string, unknown>;

  /** The job that this one repeats. */
  retry_of: string | null;

  /** Longest time of one attempt, where the request said one. */
  timeout_seconds: number | null;

  /** Higher goes first within an organization. */
  priority: number;

  /** Number of the current attempt, from 1. */
  attempt: number;

  max_attempts: number;

  @ApiProperty({ type: () => JobProgressDto, nullable: true })
  progress: JobProgressDto | null;

  @ApiProperty({ type: () => JobErrorDto, nullable: true })
  error: JobErrorDto | null;

  /** What it made, for example `{"revision": 3}`. */
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true })
  result: Record<string, unknown> | null;

  /** What a pending job waits for, as a sentence; null when it does not wait. */
  waiting_for: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  cancel_requested_at: string | null;

  /** Id of the user who cancelled it. */
  cancel_requested_by: string | null;

  @ApiProperty({ format: 'date-time' })
  created_at: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  started_at: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  finished_at: string | null;
}

/** One claim of a job by a worker. */
export class AttemptDto {
  /** From 1; lines of the log carry it as `epoch`. */
  number: number;

  /** Name of the worker; null when it is no longer known. */
  worker: string | null;

  @ApiProperty({ format: 'date-time' })
  started_at: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  ended_at: string | null;

  /** How it ended; null while it runs. */
  @ApiProperty({ enum: ATTEMPT_OUTCOMES, enumName: 'AttemptOutcome', nullable: true })
  outcome: AttemptOutcome | null;

  /** Milliseconds of each phase that was finished. */
  @ApiProperty({ type: 'object', additionalProperties: { type: 'number' } })
  timings: Record<string, number>;

  /** Until when it may run. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  deadline_at: string | null;
}

/** One job with its history. */
export class JobDetailDto extends JobDto {
  requested_by_name: string | null;

  cancel_requested_by_name: string | null;

  /** The earlier job that a waiting one waits for. */
  waiting_for_job_id: string | null;

  attempts: AttemptDto[];
}

/** One page of jobs. */
export class JobListDto {
  items: JobDto[];

  /** Give it as `cursor` for the next page; null on the last one. */
  next_cursor: string | null;
}
