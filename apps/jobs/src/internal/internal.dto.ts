/** What workers send, as protocol.ts in @darb/models says; here it is checked. */
import { JOB_PHASES, PACKAGE_MANAGERS } from '@darb/models';
import type {
  ArtifactInputs,
  ArtifactRequest,
  ClaimRequest,
  FinishRequest,
  HeartbeatRequest,
  InterpreterReport,
  JobError,
  JobPhase,
  JobProgress,
  JobResult,
  LogChunkQuery,
  ManagerReport,
  PackageManagerType,
  PackageRecord,
  PublishedRequest,
  RegisterWorkerRequest,
  ReleaseRequest,
  SandboxReport,
  StoreSpace,
} from '@darb/models';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';

const MAX_JOBS_PER_WORKER = 1_000;
const MAX_WARNINGS = 1_000;

class StoreDto {
  @IsUUID() id: string;
  @IsString() root: string;
}

class InterpreterReportDto implements InterpreterReport {
  @IsString() implementation: string;
  @IsString() version: string;
  @IsOptional() @IsString() abi: string | null = null;
  @IsString() path: string;
}

class ManagerReportDto implements ManagerReport {
  @IsIn(PACKAGE_MANAGERS) type: PackageManagerType;
  @IsBoolean() available: boolean;
  @IsOptional() @IsString() version: string | null = null;
  @IsOptional() @IsString() path: string | null = null;
  @IsOptional() @IsString() reason: string | null = null;
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => InterpreterReportDto)
  interpreters: InterpreterReportDto[];
}

class SandboxReportDto implements SandboxReport {
  @IsIn(['bwrap', 'off']) mode: 'bwrap' | 'off';
  @IsOptional() @IsString() reason: string | null = null;
  @IsString({ each: true }) limits: string[];
}

export class RegisterWorkerDto implements RegisterWorkerRequest {
  @IsString() @MaxLength(200) name: string;
  @ValidateNested() @Type(() => StoreDto) store: StoreDto;
  @IsString() platform: string;
  @IsString() libc: string;
  @IsArray() @ValidateNested({ each: true }) @Type(() => ManagerReportDto) managers: ManagerReportDto[];
  @IsInt() @Min(1) @Max(MAX_JOBS_PER_WORKER) slots: number;
  @IsObject() labels: Record<string, string>;
  @ValidateNested() @Type(() => SandboxReportDto) sandbox: SandboxReportDto;
  @IsString() version: string;
}

class JobProgressReportDto implements JobProgress {
  @IsIn(JOB_PHASES) phase: JobPhase;
  @IsOptional() @IsInt() done: number | null = null;
  @IsOptional() @IsInt() total: number | null = null;
}

class HeldJobDto {
  @IsUUID() id: string;
  @IsInt() @Min(1) epoch: number;
  @IsOptional() @ValidateNested() @Type(() => JobProgressReportDto) progress: JobProgressReportDto | null =
    null;
}

class StoreSpaceDto implements StoreSpace {
  @IsInt() @Min(0) free_bytes: number;
  @IsInt() @Min(0) total_bytes: number;
}

export class HeartbeatDto implements HeartbeatRequest {
  @IsArray()
  @ArrayMaxSize(MAX_JOBS_PER_WORKER)
  @ValidateNested({ each: true })
  @Type(() => HeldJobDto)
  jobs: HeldJobDto[];

  @IsBoolean() draining: boolean;

  @IsOptional() @ValidateNested() @Type(() => StoreSpaceDto) space: StoreSpaceDto | null = null;

  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ManagerReportDto)
  managers?: ManagerReportDto[];
}

export class ClaimDto implements ClaimRequest {
  @IsUUID() worker_id: string;
  @IsUUID() delivery_id: string;
  @IsInt() @Min(1) dispatch_no: number;
}

export class ArtifactDto implements ArtifactRequest {
  @Matches(/^[0-9a-f]{64}$/) digest: string;
  @IsOptional() @IsUUID() damaged_copy_id?: string;
}

export class TreeDto {
  @IsUUID() copy_id: string;
}

export class LogChunkQueryDto implements LogChunkQuery {
  @Type(() => Number) @IsInt() @Min(1) first_seq: number;
  @Type(() => Number) @IsInt() @Min(1) last_seq: number;
  @Type(() => Number) @IsInt() @Min(0) lines: number;
  @Type(() => Number) @IsInt() @Min(0) bytes: number;
}

class JobErrorReportDto implements JobError {
  @Matches(/^[a-z][a-z0-9_]{0,63}$/) code: string;
  @IsIn(['user', 'operational', 'bug']) family: JobError['family'];
  @IsString() message: string;
  @IsOptional() @IsString() extract: string | null = null;
}

class PackageRecordDto implements PackageRecord {
  @IsString() name: string;
  @IsString() version: string;
  @IsIn(['conda', 'pypi']) kind: 'conda' | 'pypi';
  @IsOptional() @IsString() build: string | null = null;
  @IsOptional() @IsString() channel: string | null = null;
  @IsBoolean() explicit: boolean;
  @IsOptional() @IsString() requested: string | null = null;
  @IsOptional() @IsInt() size_bytes: number | null = null;
  @IsOptional() @IsString() license: string | null = null;
}

export class FinishDto implements FinishRequest {
  @IsIn(['succeeded', 'failed', 'cancelled']) outcome: FinishRequest['outcome'];
  @IsOptional() @ValidateNested() @Type(() => JobErrorReportDto) error: JobErrorReportDto | null = null;
  @IsOptional() @IsString() manifest: string | null = null;
  @IsOptional() @IsString() lockfile: string | null = null;
  @IsOptional() @Matches(/^[0-9a-f]{64}$/) digest: string | null = null;
  @IsArray() @ValidateNested({ each: true }) @Type(() => PackageRecordDto) packages: PackageRecordDto[];
  @IsOptional() @IsUUID() copy_id: string | null = null;
  @IsOptional() @IsObject() inputs: ArtifactInputs | null = null;
  @IsOptional() @IsInt() @Min(0) size_bytes: number | null = null;
  @IsOptional() @IsInt() @Min(0) file_count: number | null = null;
  @IsOptional() @IsString() python_version: string | null = null;
  @IsOptional() @IsString() tool_version: string | null = null;
  @IsObject() timings: FinishRequest['timings'];
  @IsInt() @Min(0) last_seq: number;
  @IsOptional() @IsArray() @ArrayMaxSize(MAX_WARNINGS) @IsString({ each: true }) warnings: string[] = [];
  @IsOptional() @IsObject() result: JobResult | null = null;
}

export class PublishedDto implements PublishedRequest {
  @IsOptional() @IsObject() result: JobResult | null = null;
}

export class ReleaseDto implements ReleaseRequest {
  @IsString() @MaxLength(500) reason: string;
}
