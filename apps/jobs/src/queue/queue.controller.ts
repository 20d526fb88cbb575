import { CurrentActor, RequirePermission } from '@darb/service-kit';
import type { Actor } from '@darb/service-kit';
import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { QueueDto } from './queue.dto.js';
import { QueueService } from './queue.service.js';

@ApiTags('queue')
@Controller('queue')
export class QueueController {
  constructor(private readonly queue: QueueService) {}

  /** What waits, what runs, and how much room there is. */
  @Get()
  @RequirePermission('queue:read')
  async get(@CurrentActor() actor: Actor): Promise<QueueDto> {
    return this.queue.summarize(actor);
  }
}
