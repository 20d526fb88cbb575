import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsOptional, IsUUID } from 'class-validator';
import { JobDto } from '../environments/environments.dto.js';

/** A number of trees and the size of their files, counted in full even where trees share files. */
export class TreeCountDto {
  count: number;
  bytes: number;
}

/** What the last collection of a store came to. */
export class LastCollectionDto {
  job_id: string;
  @ApiProperty({ type: String, format: 'date-time' })
  finished_at: string;
  @ApiProperty({ type: Object, nullable: true, additionalProperties: true })
  result: Record<string, unknown> | null;
}

/** A folder of trees that workers share. */
export class StoreDto {
  id: string;
  /** Where its workers see it. */
  root: string;
  /** Free and total space of its file system in bytes; null until a worker has told. */
  @ApiProperty({ type: Number, nullable: true })
  free_bytes: number | null;
  @ApiProperty({ type: Number, nullable: true })
  total_bytes: number | null;
  live_workers: number;
  /** Trees that are ready. */
  trees: TreeCountDto;
  /** Trees that were found changed or missing and that are not built again yet. */
  damaged: TreeCountDto;
  /** Trees that a collection would delete now. */
  collectable: TreeCountDto;
  @ApiProperty({ type: LastCollectionDto, nullable: true })
  last_collection: LastCollectionDto | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  verified_at: string | null;
}

export class RetentionDto {
  /** How long a tree is kept that no revision needs. */
  tree_seconds: number;
}

export class StorageDto {
  stores: StoreDto[];
  retention: RetentionDto;
}

export class CollectBody {
  /** `true`: only say what would be deleted. */
  @IsOptional()
  @IsBoolean()
  dry_run: boolean = false;

  /** Only this store; left out: every one. */
  @IsOptional()
  @IsUUID()
  store_id?: string;
}

export class VerifyBody {
  /** `true`: build damaged trees again instead of looking for them. */
  @IsOptional()
  @IsBoolean()
  repair: boolean = false;

  /** Only this store; left out: every one. */
  @IsOptional()
  @IsUUID()
  store_id?: string;
}

export class StoreJobsDto {
  /** One job for each store. */
  jobs: JobDto[];
}
