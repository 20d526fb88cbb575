import {
  ClientAddress,
  CurrentActor,
  Idempotent,
  IdPipe,
  RequirePermission,
  sendAnswer,
} from '@darb/service-kit';
import type { Actor, IdempotentRequest } from '@darb/service-kit';
import { Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { JobDto, JobListDto, ListJobsQuery } from './jobs.dto.js';
import { JobsService } from './jobs.service.js';

@ApiTags('jobs')
@Controller('jobs')
export class JobsController {
  constructor(private readonly jobs: JobsService) {}

  /** Jobs that the caller may see, newest first. */
  @Get()
  @RequirePermission('jobs:read')
  async list(@CurrentActor() actor: Actor, @Query() query: ListJobsQuery): Promise<JobListDto> {
    return this.jobs.list(actor, query);
  }

  /** One job. */
  @Get(':id')
  @RequirePermission('jobs:read')
  async get(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<JobDto> {
    return this.jobs.get(actor, id);
  }

  /**
   * Cancels a job.
   *
   * A waiting job is cancelled at once; a running one is asked to stop and becomes cancelled when it has. 409
   * `job_finished` or `already_committed` when it is too late.
   */
  @Post(':id/cancel')
  @HttpCode(202)
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'Makes a repeated request safe.' })
  @RequirePermission('jobs:cancel')
  async cancel(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @ClientAddress() address: string,
    @Idempotent() idempotent: IdempotentRequest | null,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobDto> {
    return sendAnswer(reply, await this.jobs.cancel(actor, id, address, idempotent));
  }
}
