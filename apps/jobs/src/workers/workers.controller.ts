import { RequirePermission } from '@darb/service-kit';
import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { WorkerListDto } from './workers.dto.js';
import { WorkersService } from './workers.service.js';

@ApiTags('workers')
@Controller('workers')
export class WorkersController {
  constructor(private readonly workers: WorkersService) {}

  /** Workers that have joined and are not gone, the oldest first. */
  @Get()
  @RequirePermission('workers:read')
  async list(): Promise<WorkerListDto> {
    return this.workers.list();
  }
}
