import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { constants, createGzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** A reader that takes nothing for this long is cut; it comes back with the id of what it saw last. */
const SLOW_READER_MS = 10_000;

/**
 * An answer that is written part by part, and no faster than its reader takes it: a slow one costs no memory, and is
 * cut after a while.
 */
export class OpenResponse {
  private readonly controller = new AbortController();
  /** Aborts when the reader is gone or was cut, or when all was written. */
  readonly signal = this.controller.signal;

  private constructor(
    private readonly reply: FastifyReply,
    private readonly body: Writable,
  ) {
    for (const stream of new Set([reply.raw, body])) {
      stream.on('close', () => this.controller.abort());
      stream.on('error', () => this.controller.abort());
    }
    reply.raw.on('close', () => body.destroy());
  }

  /** Takes the answer over from Fastify and sends its head at once. */
  static open(
    request: FastifyRequest,
    reply: FastifyReply,
    headers: Record<string, string>,
    isCompressed = false,
  ): OpenResponse {
    reply.hijack();
    const set = Object.entries(reply.getHeaders()).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    request.raw.socket.setNoDelay(true);
    reply.raw.writeHead(200, { ...Object.fromEntries(set), ...headers });
    reply.raw.flushHeaders();
    if (!isCompressed) return new OpenResponse(reply, reply.raw);
    // Each part is sent at once: a search may be silent for long after its first match.
    const gzip = createGzip({ level: constants.Z_BEST_SPEED, flush: constants.Z_SYNC_FLUSH });
    gzip.pipe(reply.raw);
    return new OpenResponse(reply, gzip);
  }

  /** Resolves when there is room for more; the signal aborts when the reader does not make any. */
  async write(text: string): Promise<void> {
    if (this.signal.aborted || this.body.destroyed || this.body.write(text)) return;
    const patience = new AbortController();
    const timer = setTimeout(() => this.cut(), SLOW_READER_MS);
    const stop = () => patience.abort();
    this.signal.addEventListener('abort', stop, { once: true });
    await once(this.body, 'drain', { signal: patience.signal }).catch(() => undefined);
    this.signal.removeEventListener('abort', stop);
    clearTimeout(timer);
  }

  end(): void {
    if (!this.body.destroyed) this.body.end();
    this.controller.abort();
  }

  /** Drops the connection, so that the reader notices that something is missing. */
  cut(): void {
    this.reply.raw.destroy();
    this.controller.abort();
  }
}
