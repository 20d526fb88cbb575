import { PACKAGE_MANAGERS } from '@darb/models';
import type { PackageManagerType } from '@darb/models';
import { ApiProperty } from '@nestjs/swagger';

export class PackageManagerDto {
  @ApiProperty({ enum: PACKAGE_MANAGERS })
  type: PackageManagerType;
  /** Whether a worker that was seen in the last 24 hours has it. */
  available: boolean;
  /** Versions that workers have, newest first. */
  versions: string[];
  /** Versions of Python that uv environments can have, newest first. */
  python_versions: string[];
  /** Whether an environment that names no package manager gets this one. */
  default: boolean;
  /** Why it is absent and how to install it; null when it is available. */
  @ApiProperty({ type: String, nullable: true })
  reason: string | null;
}

export class PackageManagerListDto {
  @ApiProperty({ type: [PackageManagerDto] })
  items: PackageManagerDto[];
  @ApiProperty({ type: String, nullable: true })
  next_cursor: string | null;
}
