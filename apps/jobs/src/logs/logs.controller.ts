import { CurrentActor, IdPipe, RequirePermission } from '@darb/service-kit';
import type { Actor } from '@darb/service-kit';
import { Controller, Get, Headers, Param, Query, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiHeader, ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LogGapDto, LogLineDto, ReadLogQuery, StreamLogQuery } from './logs.dto.js';
import { LogsService } from './logs.service.js';

@ApiTags('logs')
@ApiExtraModels(LogLineDto, LogGapDto)
@Controller('jobs/:id/logs')
export class LogsController {
  constructor(private readonly logs: LogsService) {}

  /**
   * The log of a job so far.
   *
   * All attempts, older ones first. A run of lines that was left out stands as one line in brackets (text) or as
   * `{"epoch","from","to","bytes"}` (ndjson), with `"reason":"retention"` when it was removed because of its age.
   */
  @Get()
  @ApiProduces('text/plain', 'application/x-ndjson')
  @ApiOkResponse({ schema: { type: 'string' } })
  @RequirePermission('jobs:read')
  async read(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Query() query: ReadLogQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.logs.read(actor, id, query, request, reply);
  }

  /**
   * The log of a job as server-sent events, from its first line on.
   *
   * Events `line` and `gap` (id `<epoch>-<seq>`), and `end` with the job as data when it is finished, after which
   * the stream closes. Give `Last-Event-ID` to go on after a line.
   */
  @Get('stream')
  @ApiProduces('text/event-stream')
  @ApiOkResponse({ schema: { type: 'string' } })
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: '`<epoch>-<seq>` of the last line seen.',
  })
  @RequirePermission('jobs:read')
  async stream(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Query() query: StreamLogQuery,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.logs.stream(actor, id, lastEventId || query.last_event_id, request, reply);
  }
}
