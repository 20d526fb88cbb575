import type { Actor } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { JobsService } from '../jobs/jobs.service.js';
import { formatLogPosition, parseLogPosition } from '../logs/log-position.js';
import type { LogPosition } from '../logs/log-position.js';
import { LogStreamer } from '../logs/log-streamer.js';
import type { SseStream } from '../streams/sse-stream.js';
import { StreamKeeper } from '../streams/stream-keeper.js';
import { EventAudience } from './event-audience.js';
import { EventFeed } from './event-feed.js';
import { parseEventPosition } from './event-position.js';
import type { EventPosition } from './event-position.js';
import { EventsRepository } from './events.repository.js';

/** How far a reader has got in both halves of its stream; every event's id says both. */
class StreamPosition {
  constructor(
    public event: EventPosition,
    public log: LogPosition | null,
  ) {}

  get id(): string {
    return this.log ? `${this.event}~${formatLogPosition(this.log)}` : `${this.event}`;
  }
}

@Injectable()
export class EventsService {
  constructor(
    private readonly events: EventsRepository,
    private readonly feed: EventFeed,
    private readonly jobs: JobsService,
    private readonly logs: LogStreamer,
    private readonly keeper: StreamKeeper,
  ) {}

  async stream(
    actor: Actor,
    jobId: string | undefined,
    lastEventId: string | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    if (jobId !== undefined) await this.jobs.get(actor, jobId);
    const [eventPart, logPart] = (lastEventId ?? '').split('~');
    const audience = new EventAudience(this.events);
    await audience.update(actor);
    const { from, isComplete } = await this.whereToBegin(eventPart);
    const log = jobId === undefined ? null : parseLogPosition(logPart);
    const position = new StreamPosition(from, log);
    const work = async (stream: SseStream) => {
      await stream.send([
        { id: position.id },
        ...(isComplete ? [] : [{ id: position.id, event: 'reset', data: {} }]),
      ]);
      const idAt = (place: LogPosition) => {
        position.log = place;
        return position.id;
      };
      const sendLog = async () => {
        if (jobId !== undefined && log) await this.logs.send(stream, { actor, jobId }, log, idAt);
      };
      // Whatever part breaks, the whole stream does: its reader resumes both.
      await Promise.all([this.sendEvents(position, audience, stream), sendLog()]);
    };
    await this.keeper.run(actor, request, reply, work, async (current) => {
      await audience.update(current);
      return true;
    });
  }

  /** A place that events are no longer kept for, or that this database has not come to, can't be resumed. */
  private async whereToBegin(
    lastEventId: string | undefined,
  ): Promise<{ from: EventPosition; isComplete: boolean }> {
    const now = await this.events.now();
    if (!lastEventId) return { from: now, isComplete: true };
    const resumed = parseEventPosition(lastEventId);
    if (resumed === null || resumed > now) return { from: now, isComplete: false };
    if (resumed === now || (await this.events.reachesBackTo(resumed)))
      return { from: resumed, isComplete: true };
    return { from: now, isComplete: false };
  }

  private async sendEvents(
    position: StreamPosition,
    audience: EventAudience,
    stream: SseStream,
  ): Promise<void> {
    for await (const batch of this.feed.follow(position.event, stream.signal)) {
      const visible = [];
      for (const event of batch) {
        position.event = event.position;
        if (audience.includes(event)) visible.push({ id: position.id, event: event.type, data: event.data });
      }
      await stream.send(visible);
    }
  }
}
