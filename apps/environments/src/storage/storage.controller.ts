import { ClientAddress, CurrentActor, Idempotent, RequirePermission, sendAnswer } from '@darb/service-kit';
import type { Actor, IdempotentRequest } from '@darb/service-kit';
import { Body, Controller, Get, HttpCode, Post, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CollectBody, StorageDto, StoreJobsDto, VerifyBody } from './storage.dto.js';
import { StorageService } from './storage.service.js';

@ApiTags('storage')
@Controller('storage')
export class StorageController {
  constructor(private readonly storage: StorageService) {}

  /** Stores: their space, their trees, and what a collection would delete. */
  @Get()
  @RequirePermission('storage:read')
  @ApiOkResponse({ type: StorageDto })
  summarize(): Promise<StorageDto> {
    return this.storage.summarize();
  }

  /** Deletes trees that nothing needs and that are older than the retention; with `dry_run` only says which. */
  @Post('collect')
  @HttpCode(202)
  @RequirePermission('storage:manage')
  @ApiAcceptedResponse({ type: StoreJobsDto })
  async collect(
    @CurrentActor() actor: Actor,
    @ClientAddress() address: string,
    @Idempotent() idempotency: IdempotentRequest | null,
    @Body() body: CollectBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StoreJobsDto> {
    const change = { type: 'collect', dry_run: body?.dry_run ?? false } as const;
    const answer = await this.storage.request({ actor, address, idempotency }, change, body?.store_id);
    return sendAnswer(reply, answer);
  }

  /** Looks at every tree and link; with `repair` damaged trees that revisions need are built again. */
  @Post('verify')
  @HttpCode(202)
  @RequirePermission('storage:manage')
  @ApiAcceptedResponse({ type: StoreJobsDto })
  async verify(
    @CurrentActor() actor: Actor,
    @ClientAddress() address: string,
    @Idempotent() idempotency: IdempotentRequest | null,
    @Body() body: VerifyBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StoreJobsDto> {
    const change = { type: body?.repair ? 'repair' : 'verify' } as const;
    const answer = await this.storage.request({ actor, address, idempotency }, change, body?.store_id);
    return sendAnswer(reply, answer);
  }
}
