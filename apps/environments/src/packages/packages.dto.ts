import { PageQuery } from '@darb/service-kit';
import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';

export class ListPackagesQuery extends PageQuery {
  /** Part of the name. */
  @IsOptional()
  @IsString()
  @MaxLength(100)
  q?: string;

  /** `true`: only what was asked for; `false`: only what came along. */
  @IsOptional()
  @IsIn(['true', 'false'])
  explicit?: 'true' | 'false';
}

export class PackageDto {
  name: string;
  version: string;
  @ApiProperty({ enum: ['conda', 'pypi'] })
  kind: 'conda' | 'pypi';
  @ApiProperty({ type: String, nullable: true })
  build: string | null;
  @ApiProperty({ type: String, nullable: true })
  channel: string | null;
  /** Whether somebody asked for it, or it came along as a dependency. */
  explicit: boolean;
  /** The spec as typed. */
  @ApiProperty({ type: String, nullable: true })
  requested: string | null;
  @ApiProperty({ type: Number, nullable: true })
  size_bytes: number | null;
  @ApiProperty({ type: String, nullable: true })
  license: string | null;
}

export class PackagePageDto {
  @ApiProperty({ type: [PackageDto] })
  items: PackageDto[];
  @ApiProperty({ type: String, nullable: true })
  next_cursor: string | null;
}
