import type { JobObject } from '@darb/ledger';
import type { PackageRecord } from '@darb/models';
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
import { ApiAcceptedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { AddPackagesBody, JobDto } from '../environments/environments.dto.js';
import { ListPackagesQuery, PackagePageDto } from './packages.dto.js';
import { PackagesService } from './packages.service.js';

@ApiTags('packages')
@Controller('environments/:id/packages')
export class PackagesController {
  constructor(private readonly packages: PackagesService) {}

  /** What the newest revision holds, by name. */
  @Get()
  @RequirePermission('environments:read')
  @ApiOkResponse({ type: PackagePageDto })
  list(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Query() query: ListPackagesQuery,
  ): Promise<{ items: PackageRecord[]; next_cursor: string | null }> {
    return this.packages.list(actor, id, query);
  }

  /** Adds packages: a job solves, builds a new revision beside the old one, and switches to it. */
  @Post()
  @HttpCode(202)
  @RequirePermission('environments:update')
  @ApiAcceptedResponse({ type: JobDto })
  async add(
    @CurrentActor() actor: Actor,
    @ClientAddress() address: string,
    @Idempotent() idempotency: IdempotentRequest | null,
    @Param('id', IdPipe) id: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() body: AddPackagesBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobObject> {
    return sendAnswer(reply, await this.packages.add({ actor, address, idempotency }, id, body, ifMatch));
  }

  /** Removes a package that somebody asked for; what only came along with it goes too. */
  @Delete(':package')
  @HttpCode(202)
  @RequirePermission('environments:update')
  @ApiAcceptedResponse({ type: JobDto })
  async remove(
    @CurrentActor() actor: Actor,
    @ClientAddress() address: string,
    @Param('id', IdPipe) id: string,
    @Param('package') name: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobObject> {
    const caller = { actor, address, idempotency: null };
    return sendAnswer(reply, await this.packages.remove(caller, id, name, ifMatch));
  }
}
