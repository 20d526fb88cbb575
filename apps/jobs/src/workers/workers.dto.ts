import { PACKAGE_MANAGERS } from '@darb/models';
import type { PackageManagerType } from '@darb/models';
import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsOptional } from 'class-validator';

/** An interpreter that a worker can build uv environments with. */
export class InterpreterDto {
  implementation: string;

  /** Full version, for example `3.12.1`. */
  version: string;
}

/** What a worker has of one package manager. */
export class WorkerManagerDto {
  @ApiProperty({ enum: PACKAGE_MANAGERS, enumName: 'PackageManager' })
  type: PackageManagerType;

  available: boolean;

  version: string | null;

  /** Why it is absent and how to install it; null when it is there. */
  reason: string | null;

  interpreters: InterpreterDto[];
}

/** How a worker keeps tools apart from the machine. */
export class WorkerSandboxDto {
  @ApiProperty({ enum: ['bwrap', 'off'] })
  mode: 'bwrap' | 'off';

  /** Why it is off; null when it is on. */
  reason: string | null;

  /** Limits that are really enforced, for example `memory`, `pids`, `disk`. */
  limits: string[];
}

/** The folder that a worker keeps trees in, and what its file system has left. */
export class WorkerStoreDto {
  id: string;

  root: string;

  /** Null until the worker has told. */
  free_bytes: number | null;

  total_bytes: number | null;
}

export class DrainBody {
  /** `true`: no new jobs on this worker; `false`: it takes jobs again. */
  @IsOptional()
  @IsBoolean()
  drain: boolean = true;
}

/** One process that runs jobs. */
export class WorkerDto {
  id: string;

  name: string;

  /** `live`: reports and takes jobs. `draining`: takes no new ones. `silent`: has not reported for a while. */
  @ApiProperty({ enum: ['live', 'draining', 'silent'] })
  status: 'live' | 'draining' | 'silent';

  /** An administrator wants no new jobs on it. */
  drain_requested: boolean;

  store: WorkerStoreDto;

  /** For example `linux-64`. */
  platform: string;

  version: string;

  /** Jobs that it can run at a time. */
  slots: number;

  /** Jobs that it runs now. */
  running: number;

  managers: WorkerManagerDto[];

  sandbox: WorkerSandboxDto;

  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  labels: Record<string, string>;

  @ApiProperty({ format: 'date-time' })
  registered_at: string;

  @ApiProperty({ format: 'date-time' })
  heartbeat_at: string;
}

/** The workers that are here. */
export class WorkerListDto {
  items: WorkerDto[];

  /** Always null: all of them fit on one page. */
  @ApiProperty({ type: String, nullable: true })
  next_cursor: string | null;
}
