import { ENVIRONMENT_STATUSES, JOB_STATUSES, JOB_TYPES, PACKAGE_MANAGERS, SUBJECT_TYPES } from '@darb/models';
import type { EnvironmentStatus, JobStatus, JobType, PackageManagerType, SubjectType } from '@darb/models';
import { PageQuery } from '@darb/service-kit';
import { ApiProperty } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsIn,
  IsObject,
  IsOptional,
  IsString,
  MaxLength,
  MinLength,
} from 'class-validator';

/** Longest manifest and lockfile that a request may carry, in characters. */
const MAX_DOCUMENT_LENGTH = 10_000_000;
const MAX_SPECS = 200;

export class CreateEnvironmentBody {
  /** Unique in its organization: letters, digits, dots, dashes and underscores. */
  @IsString()
  @MinLength(1)
  @MaxLength(100)
  name: string;

  /** Left out: the default of this Darb, see `GET /package-managers`. */
  @IsOptional()
  @IsIn(PACKAGE_MANAGERS)
  package_manager?: PackageManagerType;

  /** Version of Python, for example `3.12` or `>=3.11,<3.13`; left out: the newest that workers have. */
  @IsOptional()
  @IsString()
  @MaxLength(100)
  python?: string;

  /** Specs to install at once: PEP 508 for uv, MatchSpec for pixi. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_SPECS)
  packages?: string[];

  /** pixi only: PEP 508 specs of packages from PyPI. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_SPECS)
  pypi_packages?: string[];

  /** pixi only; left out: conda-forge. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @IsString({ each: true })
  channels?: string[];

  /** A whole `pyproject.toml` or `pixi.toml` in place of `packages`. */
  @IsOptional()
  @IsString()
  @MaxLength(MAX_DOCUMENT_LENGTH)
  manifest?: string;

  /** The lockfile that goes with `manifest`. */
  @IsOptional()
  @IsString()
  @MaxLength(MAX_DOCUMENT_LENGTH)
  lockfile?: string;

  /** Id or name of the organization that owns it; left out: your personal one. */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  organization?: string;

  @IsOptional()
  @IsString()
  @MaxLength(2_000)
  description?: string;

  @IsOptional()
  @IsObject()
  labels?: Record<string, string>;
}

export class AddPackagesBody {
  /** One spec or more: PEP 508 for uv, MatchSpec for pixi. */
  @IsArray()
  @ArrayMaxSize(MAX_SPECS)
  packages: string[] = [];

  /** pixi only: PEP 508 specs of packages from PyPI. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_SPECS)
  pypi_packages?: string[];
}

export class UpdateBody {
  /** Names to update; left out: everything, as far as the manifest allows. */
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(MAX_SPECS)
  @IsString({ each: true })
  packages?: string[];
}

export class ListEnvironmentsQuery extends PageQuery {
  /** Part of the name, whatever the case. */
  @IsOptional()
  @IsString()
  @MaxLength(100)
  q?: string;

  @IsOptional()
  @IsIn(ENVIRONMENT_STATUSES)
  status?: EnvironmentStatus;

  @IsOptional()
  @IsIn(PACKAGE_MANAGERS)
  package_manager?: PackageManagerType;
}

export class LastErrorDto {
  code: string;
  message: string;
}

export class JobErrorDto {
  code: string;
  @ApiProperty({ enum: ['user', 'operational', 'bug'] })
  family: 'user' | 'operational' | 'bug';
  /** What went wrong and what to do next. */
  message: string;
  /** The tool's own message. */
  @ApiProperty({ type: String, nullable: true })
  extract: string | null;
}

export class JobProgressDto {
  @ApiProperty({ enum: ['solve', 'install', 'verify', 'publish'] })
  phase: 'solve' | 'install' | 'verify' | 'publish';
  @ApiProperty({ type: Number, nullable: true })
  done: number | null;
  @ApiProperty({ type: Number, nullable: true })
  total: number | null;
}

export class SubjectDto {
  @ApiProperty({ enum: SUBJECT_TYPES, enumName: 'SubjectType' })
  type: SubjectType;
  id: string;
}

export class JobDto {
  id: string;
  @ApiProperty({ enum: JOB_TYPES })
  type: JobType;
  @ApiProperty({ enum: JOB_STATUSES })
  status: JobStatus;
  subject: SubjectDto;
  @ApiProperty({ type: String, nullable: true })
  environment_id: string | null;
  @ApiProperty({ type: String, nullable: true })
  environment_name: string | null;
  /** Id of the user. */
  @ApiProperty({ type: String, nullable: true })
  requested_by: string | null;
  /** Specs or names as they were typed. */
  packages: string[];
  /** The whole change, in the words of its request; documents as `{"sha256": …}`. */
  @ApiProperty({ type: Object, additionalProperties: true })
  change: Record<string, unknown>;
  /** The job that this one repeats. */
  @ApiProperty({ type: String, nullable: true })
  retry_of: string | null;
  @ApiProperty({ type: Number, nullable: true })
  timeout_seconds: number | null;
  priority: number;
  attempt: number;
  max_attempts: number;
  @ApiProperty({ type: JobProgressDto, nullable: true })
  progress: JobProgressDto | null;
  @ApiProperty({ type: JobErrorDto, nullable: true })
  error: JobErrorDto | null;
  @ApiProperty({ type: Object, nullable: true, additionalProperties: true })
  result: Record<string, unknown> | null;
  /** Why a pending job does not run yet. */
  @ApiProperty({ type: String, nullable: true })
  waiting_for: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  cancel_requested_at: string | null;
  @ApiProperty({ type: String, nullable: true })
  cancel_requested_by: string | null;
  @ApiProperty({ type: String, format: 'date-time' })
  created_at: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  started_at: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  finished_at: string | null;
}

export class EnvironmentDto {
  id: string;
  name: string;
  description: string;
  @ApiProperty({ type: Object, additionalProperties: { type: 'string' } })
  labels: Record<string, string>;
  organization_id: string;
  /** Id of the user who made it. */
  owner_id: string;
  @ApiProperty({ enum: PACKAGE_MANAGERS })
  package_manager: PackageManagerType;
  /** The Python that it has; before the first revision the one asked for. */
  @ApiProperty({ type: String, nullable: true })
  python: string | null;
  channels: string[];
  platforms: string[];
  @ApiProperty({ enum: ENVIRONMENT_STATUSES })
  status: EnvironmentStatus;
  /** Number of the newest revision; also the ETag. */
  @ApiProperty({ type: Number, nullable: true })
  revision: number | null;
  @ApiProperty({ type: Number, nullable: true })
  package_count: number | null;
  @ApiProperty({ type: Number, nullable: true })
  size_bytes: number | null;
  /** The change that runs, or the next one that will. */
  @ApiProperty({ type: String, nullable: true })
  active_job_id: string | null;
  /** Why the last change failed; the environment itself may well be ready. */
  @ApiProperty({ type: LastErrorDto, nullable: true })
  last_error: LastErrorDto | null;
  /** Folder of the newest revision on the workers' disk; its files never change. */
  @ApiProperty({ type: String, nullable: true })
  path: string | null;
  @ApiProperty({ type: String, format: 'date-time' })
  created_at: string;
  @ApiProperty({ type: String, format: 'date-time' })
  updated_at: string;
}

export class CreatedEnvironmentDto extends EnvironmentDto {
  /** The job that makes the first revision. */
  job: JobDto;
}

export class EnvironmentPageDto {
  @ApiProperty({ type: [EnvironmentDto] })
  items: EnvironmentDto[];
  /** Give it as `cursor` for the next page; null at the end. */
  @ApiProperty({ type: String, nullable: true })
  next_cursor: string | null;
}
