import { ActorReader, Shutdown } from '@darb/service-kit';
import type { Actor } from '@darb/service-kit';
import { Injectable, Logger } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { JobsMetrics } from '../metrics/jobs-metrics.js';
import { SseStream } from './sse-stream.js';

/** How often the sessions behind open streams are looked at: a stream ends within a second of its session. */
const CHECK_MS = 750;
/** What the reader may see is asked only at every so many of those checks: it costs a query for each stream. */
const CHECKS_PER_ACCESS_CHECK = 6;

interface KeptStream {
  stream: SseStream;
  isAllowed: (actor: Actor) => Promise<boolean>;
}

/** The streams of one session, which are looked at together. */
interface Watched {
  actor: Actor;
  streams: Set<KeptStream>;
  isBeingChecked: boolean;
}

/**
 * Opens streams, and ends them when the session behind one is over, when its reader may no longer see it, or when
 * the process stops (the reader then comes back to another replica). While the database is away they stay.
 */
@Injectable()
export class StreamKeeper implements OnApplicationShutdown {
  private readonly logger = new Logger('StreamKeeper');
  private readonly sessions = new Map<string, Watched>();
  private readonly timer: NodeJS.Timeout;
  private checks = 0;

  constructor(
    private readonly actors: ActorReader,
    private readonly shutdown: Shutdown,
    private readonly metrics: JobsMetrics,
  ) {
    this.timer = setInterval(() => this.checkAll(), CHECK_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /**
   * Runs `work` on a new stream, and closes it when that is done or fails.
   * @param isAllowed asked every few seconds with the actor as it is then
   */
  async run(
    actor: Actor,
    request: FastifyRequest,
    reply: FastifyReply,
    work: (stream: SseStream) => Promise<void>,
    isAllowed: (actor: Actor) => Promise<boolean>,
  ): Promise<void> {
    const stream = new SseStream(request, reply);
    const end = () => stream.end();
    this.metrics.openStreams.inc();
    this.shutdown.signal.addEventListener('abort', end, { once: true });
    const release = this.watch(actor, { stream, isAllowed });
    try {
      if (!this.shutdown.isStopping) await work(stream);
      stream.end();
    } catch (error) {
      // The answer has begun, so it can't become a problem: the reader sees a broken stream and comes back.
      if (!stream.signal.aborted) this.logger.warn(`A stream broke off: ${(error as Error).message}`);
      stream.cut();
    } finally {
      this.metrics.openStreams.dec();
      release();
      this.shutdown.signal.removeEventListener('abort', end);
    }
  }

  private watch(actor: Actor, kept: KeptStream): () => void {
    const watched = this.sessions.get(actor.sessionId) ?? {
      actor,
      streams: new Set(),
      isBeingChecked: false,
    };
    this.sessions.set(actor.sessionId, watched);
    watched.streams.add(kept);
    return () => {
      watched.streams.delete(kept);
      if (watched.streams.size === 0) this.sessions.delete(actor.sessionId);
    };
  }

  private checkAll(): void {
    this.checks += 1;
    for (const watched of this.sessions.values()) {
      // One question at a time: a database that is frozen must not be asked again and again.
      if (!watched.isBeingChecked) void this.check(watched, this.checks % CHECKS_PER_ACCESS_CHECK === 0);
    }
  }

  private async check(watched: Watched, isAccessDue: boolean): Promise<void> {
    watched.isBeingChecked = true;
    try {
      // What was read for a request a moment ago may have been true only then.
      this.actors.forget(watched.actor.sessionId);
      const current = await this.actors.refresh(watched.actor);
      for (const { stream, isAllowed } of watched.streams) {
        if (!current || (isAccessDue && !(await isAllowed(current)))) stream.end();
      }
    } catch {
      // The database is away: who was allowed a moment ago still is.
    } finally {
      watched.isBeingChecked = false;
    }
  }
}
