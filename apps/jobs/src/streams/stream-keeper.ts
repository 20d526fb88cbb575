import { ActorReader, Shutdown } from '@darb/service-kit';
import type { Actor } from '@darb/service-kit';
import { Injectable, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { JobsMetrics } from '../metrics/jobs-metrics.js';
import { SseStream } from './sse-stream.js';

/** How often an open stream asks whether the session behind it still lives; the answer is shared by its streams. */
const CHECK_MS = 1_000;
/** What the reader may see is asked only at every so many of those checks: it costs a query for each stream. */
const CHECKS_PER_ACCESS_CHECK = 5;

/**
 * Opens streams, and ends them when the session behind one is over, when its reader may no longer see it, or when
 * the process stops (the reader then comes back to another replica).
 */
@Injectable()
export class StreamKeeper {
  private readonly logger = new Logger('StreamKeeper');

  constructor(
    private readonly actors: ActorReader,
    private readonly shutdown: Shutdown,
    private readonly metrics: JobsMetrics,
  ) {}

  /**
   * Runs `work` on a new stream, and closes it when that is done or fails.
   * @param isAllowed asked every few seconds with the actor as it is then
   */
  async run(
    actor: Actor,
    request: FastifyRequest,
    reply: FastifyReply,
    work: (stream: SseStream) => Promise<void>,
    isAllowed: (actor: Actor) => Promise<boolean> = async () => true,
  ): Promise<void> {
    const stream = SseStream.open(request, reply);
    const end = () => stream.end();
    this.metrics.openStreams.inc();
    this.shutdown.signal.addEventListener('abort', end, { once: true });
    let checks = 0;
    const check = setInterval(() => {
      checks += 1;
      const isAccessDue = checks % CHECKS_PER_ACCESS_CHECK === 0;
      void this.check(actor, stream, isAccessDue ? isAllowed : async () => true);
    }, CHECK_MS);
    try {
      if (!this.shutdown.isStopping) await work(stream);
      stream.end();
    } catch (error) {
      // The answer has begun, so it can't become a problem: the reader sees a broken stream and comes back.
      if (!stream.signal.aborted) this.logger.warn(`A stream broke off: ${(error as Error).message}`);
      stream.cut();
    } finally {
      this.metrics.openStreams.dec();
      clearInterval(check);
      this.shutdown.signal.removeEventListener('abort', end);
    }
  }

  private async check(
    actor: Actor,
    stream: SseStream,
    isAllowed: (actor: Actor) => Promise<boolean>,
  ): Promise<void> {
    try {
      const current = await this.actors.refresh(actor);
      if (!current || !(await isAllowed(current))) stream.end();
    } catch {
      // The database is away: who was allowed a second ago still is.
    }
  }
}
