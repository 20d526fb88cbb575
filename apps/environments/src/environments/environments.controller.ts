import { toEnvironmentObject } from '@darb/ledger';
import type { EnvironmentObject, JobObject } from '@darb/ledger';
import {
  ClientAddress,
  CurrentActor,
  IdPipe,
  Idempotent,
  RequirePermission,
  sendAnswer,
} from '@darb/service-kit';
import type { Actor, IdempotentRequest } from '@darb/service-kit';
import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import {
  CreateEnvironmentBody,
  CreatedEnvironmentDto,
  EnvironmentDto,
  EnvironmentPageDto,
  JobDto,
  ListEnvironmentsQuery,
  UpdateBody,
} from './environments.dto.js';
import { EnvironmentsService } from './environments.service.js';
import { InputCheck, checkNames } from './input.js';

@ApiTags('environments')
@Controller('environments')
export class EnvironmentsController {
  constructor(private readonly environments: EnvironmentsService) {}

  /** Environments that you may see, newest first. */
  @Get()
  @RequirePermission('environments:read')
  @ApiOkResponse({ type: EnvironmentPageDto })
  list(
    @CurrentActor() actor: Actor,
    @Query() query: ListEnvironmentsQuery,
  ): Promise<{ items: EnvironmentObject[]; next_cursor: string | null }> {
    return this.environments.list(actor, query);
  }

  /** Makes an environment; its first revision is made by the job in the answer. */
  @Post()
  @RequirePermission('environments:create')
  @ApiCreatedResponse({ type: CreatedEnvironmentDto })
  async create(
    @CurrentActor() actor: Actor,
    @ClientAddress() address: string,
    @Idempotent() idempotency: IdempotentRequest | null,
    @Body() body: CreateEnvironmentBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EnvironmentObject & { job: JobObject }> {
    return sendAnswer(reply, await this.environments.create({ actor, address, idempotency }, body));
  }

  /** One environment. Its ETag is the number of its newest revision. */
  @Get(':id')
  @RequirePermission('environments:read')
  @ApiOkResponse({ type: EnvironmentDto })
  async find(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EnvironmentObject> {
    const environment = await this.environments.find(actor, id);
    void reply.header('etag', `"${environment.published_revision ?? 0}"`);
    return toEnvironmentObject(environment);
  }

  /** Deletes an environment: waiting changes are cancelled, the running one is stopped, then its folder goes. */
  @Delete(':id')
  @HttpCode(202)
  @RequirePermission('environments:delete')
  @ApiAcceptedResponse({ type: JobDto })
  async delete(
    @CurrentActor() actor: Actor,
    @ClientAddress() address: string,
    @Param('id', IdPipe) id: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobObject> {
    const environment = await this.environments.find(actor, id, 'environments:delete');
    const caller = { actor, address, idempotency: null };
    return sendAnswer(
      reply,
      await this.environments.request(caller, environment, { type: 'delete' }, ifMatch),
    );
  }

  /** Solves again for newer versions, as far as the manifest allows, and installs what changed. */
  @Post(':id/update')
  @HttpCode(202)
  @RequirePermission('environments:update')
  @ApiAcceptedResponse({ type: JobDto })
  async update(
    @CurrentActor() actor: Actor,
    @ClientAddress() address: string,
    @Idempotent() idempotency: IdempotentRequest | null,
    @Param('id', IdPipe) id: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() body: UpdateBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobObject> {
    const environment = await this.environments.find(actor, id, 'environments:update');
    const check = new InputCheck();
    const packages = body?.packages ? checkNames(check, environment.package_manager, body.packages) : null;
    check.done();
    const caller = { actor, address, idempotency };
    return sendAnswer(
      reply,
      await this.environments.request(caller, environment, { type: 'update', packages }, ifMatch),
    );
  }
}
