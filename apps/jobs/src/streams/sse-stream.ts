import { once } from 'node:events';
import type { FastifyReply, FastifyRequest } from 'fastify';

const PING_MS = 15_000;
/** A reader that takes nothing for this long is cut; it comes back with the id of what it saw last. */
const SLOW_READER_MS = 10_000;

export interface ServerSentEvent {
  id?: string;
  event?: string;
  data?: unknown;
}

/** One open stream of server-sent events. Nest's own @Sse knows no back-pressure: a slow reader would fill memory. */
export class SseStream {
  private readonly controller = new AbortController();
  private readonly ping: NodeJS.Timeout;
  /** Aborts when the reader is gone, was cut, or the stream was ended. */
  readonly signal = this.controller.signal;

  private constructor(
    private readonly reply: FastifyReply,
    request: FastifyRequest,
  ) {
    request.raw.socket.setNoDelay(true);
    reply.raw.on('close', () => this.controller.abort());
    reply.raw.on('error', () => this.controller.abort());
    this.ping = setInterval(() => void this.write(': ping\n\n'), PING_MS);
    this.signal.addEventListener('abort', () => clearInterval(this.ping), { once: true });
  }

  /** Takes the answer over from Fastify and sends the first byte at once. */
  static open(request: FastifyRequest, reply: FastifyReply): SseStream {
    reply.hijack();
    const headers = Object.fromEntries(
      Object.entries(reply.getHeaders()).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    reply.raw.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      // An ended stream must not leave an idle connection behind: stopping the service would wait for it.
      connection: 'close',
    });
    const stream = new SseStream(reply, request);
    void stream.write(': connected\n\n');
    return stream;
  }

  /** Resolves when there is room for more; the stream aborts when the reader does not make any. */
  async send(events: readonly ServerSentEvent[]): Promise<void> {
    if (events.length > 0) await this.write(events.map(format).join(''));
  }

  end(): void {
    if (!this.reply.raw.destroyed) this.reply.raw.end();
    this.controller.abort();
  }

  /** Drops the connection, so that the reader notices and comes back. */
  cut(): void {
    this.reply.raw.destroy();
    this.controller.abort();
  }

  private async write(text: string): Promise<void> {
    const { raw } = this.reply;
    if (this.signal.aborted || raw.destroyed || raw.write(text)) return;
    const timeout = AbortSignal.any([this.signal, AbortSignal.timeout(SLOW_READER_MS)]);
    await once(raw, 'drain', { signal: timeout }).catch(() => this.cut());
  }
}

/** An event without data only tells the reader its place: browsers keep the id and call nobody. */
function format({ id, event, data }: ServerSentEvent): string {
  const lines = [];
  if (id !== undefined) lines.push(`id: ${id}`);
  if (event !== undefined) lines.push(`event: ${event}`);
  if (data !== undefined) lines.push(`data: ${JSON.stringify(data)}`);
  return `${lines.join('\n')}\n\n`;
}
