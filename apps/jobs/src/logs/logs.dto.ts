import { JOB_PHASES } from '@darb/models';
import type { JobPhase } from '@darb/models';
import { ApiProperty } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
} from 'class-validator';

const LOG_POSITION = /^\d{1,9}-\d{1,15}$/;

/** Which part of a log to answer, and how. */
export class ReadLogQuery {
  /** `text`: what the tools wrote, ANSI colours included. `ndjson`: one log line or gap as JSON per line. */
  @ApiProperty({ enum: ['text', 'ndjson'], default: 'text' })
  @IsOptional()
  @IsIn(['text', 'ndjson'])
  format?: 'text' | 'ndjson';

  /** Only this attempt; without it all of them, older ones first (with `from_seq`: the latest). */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  epoch?: number;

  /** First line to answer, from 1. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  from_seq?: number;

  /** Most lines to answer. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  limit?: number;

  /** Only the last so many lines; not together with `from_seq`, `limit` or `q`. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100_000)
  tail?: number;

  /** `true`: as a file to be saved, with a name. */
  @ApiProperty({ type: 'boolean', required: false, default: false })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  download?: boolean;

  /** `gzip`: as a compressed file. With `Accept-Encoding: gzip` it is only sent compressed. */
  @ApiProperty({ enum: ['gzip'], required: false })
  @IsOptional()
  @IsIn(['gzip'])
  compress?: 'gzip';

  /** Only lines that contain this text; upper and lower case count as the same, colours are ignored. */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  q?: string;
}

/** Where to go on in a log stream. */
export class StreamLogQuery {
  /** `<epoch>-<seq>` of the last line already seen; the header `Last-Event-ID` comes before it. */
  @IsOptional()
  @Matches(LOG_POSITION, { message: 'must be <epoch>-<seq>' })
  last_event_id?: string;
}

/** One line of a job's log; `data` of a `line` event. */
export class LogLineDto {
  /** Rises from 1 without holes within an epoch. */
  seq: number;

  /** Number of the claim that wrote it. */
  epoch: number;

  @ApiProperty({ format: 'date-time' })
  time: string;

  @ApiProperty({ enum: ['stdout', 'stderr', 'darb'] })
  stream: 'stdout' | 'stderr' | 'darb';

  @ApiProperty({ enum: JOB_PHASES, enumName: 'JobPhase', nullable: true })
  phase: JobPhase | null;

  text: string;
}

/** Lines that were left out because the log reached its limit, or were lost; `data` of a `gap` event. */
export class LogGapDto {
  epoch: number;

  from: number;

  to: number;

  /** Size of what is missing; 0 when unknown. */
  bytes: number;

  /** `retention`: the lines were removed because of their age. */
  @ApiProperty({ enum: ['retention'], required: false })
  reason?: 'retention';
}
