import { JOB_PHASES, JOB_STATUSES, JOB_TYPES } from '@darb/models';
import type { JobPhase, JobStatus, JobType } from '@darb/models';
import { PageQuery } from '@darb/service-kit';
import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, IsUUID } from 'class-validator';

/** Which jobs to list, newest first. */
export class ListJobsQuery extends PageQuery {
  /** Only jobs of this environment. */
  @IsOptional()
  @IsUUID()
  environment_id?: string;

  /** Only jobs in this status. */
  @ApiProperty({ enum: JOB_STATUSES, enumName: 'JobStatus' })
  @IsOptional()
  @IsIn(JOB_STATUSES)
  status?: JobStatus;

  /** Only jobs of this type. */
  @ApiProperty({ enum: JOB_TYPES, enumName: 'JobType' })
  @IsOptional()
  @IsIn(JOB_TYPES)
  type?: JobType;
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

/** One operation that was asked for on an environment. */
export class JobDto {
  /** UUIDv7. */
  id: string;

  @ApiProperty({ enum: JOB_TYPES, enumName: 'JobType' })
  type: JobType;

  @ApiProperty({ enum: JOB_STATUSES, enumName: 'JobStatus' })
  status: JobStatus;

  environment_id: string;

  /** Id of the user who asked for it. */
  requested_by: string;

  /** Specs or names as they were typed. */
  packages: string[];

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

  @ApiProperty({ format: 'date-time' })
  created_at: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  started_at: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  finished_at: string | null;
}

/** One page of jobs. */
export class JobListDto {
  items: JobDto[];

  /** Give it as `cursor` for the next page; null on the last one. */
  next_cursor: string | null;
}
