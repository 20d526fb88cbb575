import type { HeartbeatAnswer, RegisterWorkerAnswer } from '@darb/models';
import { CurrentWorker, IdPipe, Internal } from '@darb/service-kit';
import type { WorkerIdentity } from '@darb/service-kit';
import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { WorkersService } from '../workers/workers.service.js';
import { HeartbeatDto, RegisterWorkerDto } from './internal.dto.js';
import { requireOwn } from './own-worker.js';

@ApiExcludeController()
@Controller('internal/workers')
export class InternalWorkersController {
  constructor(private readonly workers: WorkersService) {}

  @Post()
  @Internal('join')
  async register(@Body() body: RegisterWorkerDto): Promise<RegisterWorkerAnswer> {
    return this.workers.register(body);
  }

  @Post(':id/heartbeat')
  @HttpCode(200)
  @Internal('worker')
  async heartbeat(
    @CurrentWorker() worker: WorkerIdentity,
    @Param('id', IdPipe) id: string,
    @Body() body: HeartbeatDto,
  ): Promise<HeartbeatAnswer> {
    requireOwn(worker, id);
    return this.workers.heartbeat(id, body);
  }
}
