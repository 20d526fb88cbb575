import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';

/** Query of every list; extend it with the list's own filters. */
export class PageQuery {
  // The swagger plugin reads only the services' files, so this shared one says it by hand.
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: 200,
    default: 50,
    description: 'Most items to answer.',
  })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit: number = 50;

  @ApiPropertyOptional({ type: 'string', description: 'next_cursor of the page before; same filters only.' })
  @IsOptional()
  @IsString()
  @MaxLength(1000)
  cursor?: string;
}
