import { CurrentActor, RequirePermission } from '@darb/service-kit';
import type { Actor } from '@darb/service-kit';
import { Controller, Get, Headers, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { StreamEventsQuery } from './events.dto.js';
import { EventsService } from './events.service.js';

@ApiTags('events')
@Controller('events')
export class EventsController {
  constructor(private readonly events: EventsService) {}

  /**
   * Every change of a job or an environment that the caller may see, in order, as server-sent events.
   *
   * Events `job` and `environment` carry the object as data. With `job=<id>` also `line`, `gap` and `end` of that
   * job's log, so that one stream per browser tab is enough. Without `Last-Event-ID` it begins now (and with the
   * log's first line); `reset` says that events since then are no longer kept: load lists anew.
   */
  @Get()
  @ApiProduces('text/event-stream')
  @ApiOkResponse({ schema: { type: 'string' } })
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'Id of the last event seen.' })
  @RequirePermission('jobs:read')
  async stream(
    @CurrentActor() actor: Actor,
    @Query() query: StreamEventsQuery,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.events.stream(actor, query.job, lastEventId || query.last_event_id, request, reply);
  }
}
