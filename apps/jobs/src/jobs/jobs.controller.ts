import {
  ClientAddress,
  CurrentActor,
  Idempotent,
  IdPipe,
  RequirePermission,
  sendAnswer,
} from '@darb/service-kit';
import type { Actor, IdempotentRequest } from '@darb/service-kit';
import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { JobDetailDto, JobDto, JobListDto, ListJobsQuery, RetryJobBody } from './jobs.dto.js';
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

  /** One job: who requested it, what it waits for, and each attempt with its phases. */
  @Get(':id')
  @RequirePermission('jobs:read')
  async get(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<JobDetailDto> {
    return this.jobs.detail(actor, id);
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

  /**
   * Requests a failed or cancelled job again, as a new job.
   *
   * It does what the old one was to do; `packages` and `pypi_packages` replace what that one named. 409
   * `not_retryable` when the job is not over, has succeeded, or what it was to change is no longer there.
   */
  @Post(':id/retry')
  @HttpCode(202)
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'Makes a repeated request safe.' })
  @RequirePermission('jobs:retry')
  async retry(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @ClientAddress() address: string,
    @Idempotent() idempotent: IdempotentRequest | null,
    @Body() body: RetryJobBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobDto> {
    return sendAnswer(reply, await this.jobs.retry(actor, id, body ?? {}, address, idempotent));
  }
}
