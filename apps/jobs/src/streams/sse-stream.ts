import type { FastifyReply, FastifyRequest } from 'fastify';
import { OpenResponse } from './open-response.js';

const PING_MS = 15_000;

export interface ServerSentEvent {
  id?: string;
  event?: string;
  data?: object;
}

/** One open stream of server-sent events. Nest's own @Sse knows no back-pressure: a slow reader would fill memory. */
export class SseStream {
  private readonly response: OpenResponse;
  /** Aborts when the reader is gone, was cut, or the stream was ended. */
  readonly signal: AbortSignal;

  /** Takes the answer over from Fastify and sends the first byte at once. */
  constructor(request: FastifyRequest, reply: FastifyReply) {
    this.response = OpenResponse.open(request, reply, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      // An ended stream must not leave an idle connection behind: stopping the service would wait for it.
      connection: 'close',
    });
    this.signal = this.response.signal;
    const ping = setInterval(() => void this.response.write(': ping\n\n'), PING_MS);
    this.signal.addEventListener('abort', () => clearInterval(ping), { once: true });
    void this.response.write(': connected\n\n');
  }

  /** Resolves when there is room for more; the stream aborts when the reader does not make any. */
  async send(events: readonly ServerSentEvent[]): Promise<void> {
    if (events.length > 0) await this.response.write(events.map(format).join(''));
  }

  end(): void {
    this.response.end();
  }

  /** Drops the connection, so that the reader notices and comes back. */
  cut(): void {
    this.response.cut();
  }
}

/** Many readers get the same object, which is written as JSON only once; a WeakMap costs more than the writing. */
const WRITTEN = Symbol('written as JSON');

function toJson(data: object & { [WRITTEN]?: string }): string {
  return (data[WRITTEN] ??= JSON.stringify(data));
}

/** An event without data only tells the reader its place: browsers keep the id and call nobody. */
function format({ id, event, data }: ServerSentEvent): string {
  let text = '';
  if (id !== undefined) text += `id: ${id}\n`;
  if (event !== undefined) text += `event: ${event}\n`;
  if (data !== undefined) text += `data: ${toJson(data)}\n`;
  return `${text}\n`;
}
