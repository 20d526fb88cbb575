import { JOB_TYPES } from '@darb/models';
import type { JobType } from '@darb/models';
import { ApiProperty } from '@nestjs/swagger';

export class RevisionDto {
  number: number;
  /** Whether it is the newest one, which `current` points at. */
  current: boolean;
  /** Why it was made. */
  @ApiProperty({ enum: JOB_TYPES })
  reason: JobType;
  /** Specs or names of the change that made it. */
  packages: string[];
  job_id: string;
  package_count: number;
  @ApiProperty({ type: Number, nullable: true })
  size_bytes: number | null;
  @ApiProperty({ type: String, nullable: true })
  python_version: string | null;
  /** Version of the package manager that made it. */
  @ApiProperty({ type: String, nullable: true })
  tool_version: string | null;
  /** sha256 of all that determines the tree; equal digests share one tree. */
  digest: string;
  @ApiProperty({ type: String, nullable: true })
  path: string | null;
  /** What the check of its files found odd, but no fault. */
  warnings: string[];
  /** Id of the user; null when Darb itself made it. */
  @ApiProperty({ type: String, nullable: true })
  created_by: string | null;
  @ApiProperty({ type: String, format: 'date-time' })
  created_at: string;
}

export class RevisionPageDto {
  @ApiProperty({ type: [RevisionDto] })
  items: RevisionDto[];
  @ApiProperty({ type: String, nullable: true })
  next_cursor: string | null;
}

export class ManifestDto {
  /** `pyproject.toml` or `pixi.toml`. */
  filename: string;
  manifest: string;
  revision: number;
}

export class LockfileDto {
  /** `uv.lock` or `pixi.lock`. */
  filename: string;
  lockfile: string;
  revision: number;
}
