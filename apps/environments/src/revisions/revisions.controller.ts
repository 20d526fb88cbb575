import { CurrentActor, IdPipe, PageQuery, RequirePermission } from '@darb/service-kit';
import type { Actor } from '@darb/service-kit';
import { Controller, Get, Headers, Param, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { LockfileDto, ManifestDto, RevisionDto, RevisionPageDto } from './revisions.dto.js';
import { RevisionsService } from './revisions.service.js';

@ApiTags('revisions')
@Controller('environments/:id')
export class RevisionsController {
  constructor(private readonly revisions: RevisionsService) {}

  /** Revisions of an environment, newest first. */
  @Get('revisions')
  @RequirePermission('environments:read')
  @ApiOkResponse({ type: RevisionPageDto })
  list(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Query() query: PageQuery,
  ): Promise<{ items: RevisionDto[]; next_cursor: string | null }> {
    return this.revisions.list(actor, id, query);
  }

  /** One revision. */
  @Get('revisions/:number')
  @RequirePermission('environments:read')
  @ApiOkResponse({ type: RevisionDto })
  find(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Param('number') number: string,
  ): Promise<RevisionDto> {
    return this.revisions.find(actor, id, number);
  }

  /** Manifest of the newest revision; the bare file with `Accept: text/plain`. */
  @Get('manifest')
  @RequirePermission('environments:read')
  @ApiOkResponse({ type: ManifestDto })
  async manifest(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ManifestDto | string> {
    const document = await this.revisions.manifest(actor, id);
    return wantsText(accept) ? sendText(reply, document.filename, document.manifest) : document;
  }

  /** Lockfile of the newest revision; the bare file with `Accept: text/plain`. */
  @Get('lockfile')
  @RequirePermission('environments:read')
  @ApiOkResponse({ type: LockfileDto })
  async lockfile(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LockfileDto | string> {
    const document = await this.revisions.lockfile(actor, id);
    return wantsText(accept) ? sendText(reply, document.filename, document.lockfile) : document;
  }
}

function wantsText(accept: string | undefined): boolean {
  return accept !== undefined && /^text\/plain\b/.test(accept.trim());
}

function sendText(reply: FastifyReply, filename: string, text: string): string {
  void reply
    .type('text/plain; charset=utf-8')
    .header('content-disposition', `attachment; filename="${filename}"`);
  return text;
}
