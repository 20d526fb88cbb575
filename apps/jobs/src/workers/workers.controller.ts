import { IdPipe, RequirePermission } from '@darb/service-kit';
import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { DrainBody, WorkerDto, WorkerListDto } from './workers.dto.js';
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

  /** Takes no new jobs on a worker, for example before its machine is stopped; what runs on it goes on. */
  @Post(':id/drain')
  @HttpCode(200)
  @RequirePermission('workers:drain')
  async drain(@Param('id', IdPipe) id: string, @Body() body: DrainBody): Promise<WorkerDto> {
    return this.workers.drain(id, body.drain);
  }
}
