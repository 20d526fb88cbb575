import type { Actor } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { JobsService } from '../jobs/jobs.service.js';
import { formatLogPosition, parseLogPosition } from '../logs/log-position.js';
import { LogReader } from '../logs/log-reader.js';
import { isGap, spanOf } from '../logs/log-records.js';
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
    public log: string | null,
  ) {}

  get id(): string {
    return this.log === null ? `${this.event}` : `${this.event}~${this.log}`;
  }
}

@Injectable()
export class EventsService {
  constructor(
    private readonly events: EventsRepository,
    private readonly feed: EventFeed,
    private readonly jobs: JobsService,
    private readonly logs: LogReader,
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
    const log = jobId === undefined ? null : formatLogPosition(parseLogPosition(logPart));
    const position = new StreamPosition(from, log);
    const work = async (stream: SseStream) => {
      await stream.send([
        { id: position.id },
        ...(isComplete ? [] : [{ id: position.id, event: 'reset', data: {} }]),
      ]);
      const logSent = jobId === undefined ? Promise.resolve() : this.sendLog(actor, jobId, position, stream);
      // Whatever part breaks, the whole stream does: its reader resumes both.
      await Promise.all([this.sendEvents(position, audience, stream), logSent]);
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

  private async sendLog(
    actor: Actor,
    jobId: string,
    position: StreamPosition,
    stream: SseStream,
  ): Promise<void> {
    for await (const records of this.logs.follow(jobId, parseLogPosition(position.log!), stream.signal)) {
      const lines = records.map((record) => {
        position.log = formatLogPosition({ epoch: record.epoch, seq: spanOf(record)[1] });
        return { id: position.id, event: isGap(record) ? 'gap' : 'line', data: record };
      });
      await stream.send(lines);
    }
    if (stream.signal.aborted) return;
    await stream.send([{ id: position.id, event: 'end', data: await this.jobs.get(actor, jobId) }]);
  }
}
