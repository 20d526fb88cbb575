import { Module } from '@nestjs/common';
import { InternalWorkersController } from '../internal/internal-workers.controller.js';
import { WorkersController } from './workers.controller.js';
import { WorkersRepository } from './workers.repository.js';
import { WorkersService } from './workers.service.js';

/** A module of its own because the health check asks it, too. */
@Module({
  controllers: [WorkersController, InternalWorkersController],
  providers: [WorkersService, WorkersRepository],
  exports: [WorkersRepository],
})
export class WorkersModule {}
