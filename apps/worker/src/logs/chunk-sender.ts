import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { LogChunkQuery, LogGap, LogLine } from '@darb/models';

const gzipped = promisify(gzip);

/** Starts at once and may be awaited much later, or never, when the epoch ends before its turn comes. */
function compress(text: string): Promise<Buffer> {
  const body = gzipped(text);
  body.catch(() => undefined);
  return body;
}

const CHUNK_BYTES = 256 * 1024;
const CHUNK_MS = 2_000;
/** Of a log over its limit, this much of its end is kept: room for the error and what led to it. */
const KEPT_END_BYTES = 1024 * 1024;
/** Beyond this much unsent text the tool is made to wait: the jobs service may be away for long, memory is not endless. */
const BACKLOG_BYTES = 8 * 1024 * 1024;

/** Posts one chunk and returns when it is acknowledged; repeats by itself; rejects only when the epoch is over. */
export type PostChunk = (query: LogChunkQuery, body: Buffer) => Promise<void>;

interface Chunk extends LogChunkQuery {
  body: Promise<Buffer>;
}

/**
 * Brings every line to the jobs service: compressed NDJSON chunks, one after the other, each acknowledged.
 * Over the size limit the head has been sent already; from there on only the end is held, and what falls out of
 * it becomes one gap. A gap is a chunk of one NDJSON object `{epoch, from, to, bytes}`, told from a line by having
 * no `text`; its first_seq and last_seq are `from` and `to`, so that the chunks of an epoch always join.
 */
export class ChunkSender {
  private lines: string[] = [];
  private first = 0;
  private last = 0;
  private textBytes = 0;
  private jsonBytes = 0;
  private timer: NodeJS.Timeout | null = null;

  private readonly queue: Chunk[] = [];
  private queuedBytes = 0;
  private sending: Promise<void> | null = null;
  private failure: Error | null = null;

  private keptBytes = 0;
  private isOverLimit = false;
  private hasGap = false;
  private readonly end: Chunk[] = [];
  private endBytes = 0;
  private gap: LogGap | null = null;
  private waiters: (() => void)[] = [];

  constructor(
    private readonly epoch: number,
    private readonly limitBytes: number,
    private readonly post: PostChunk,
    /** Lines up to `seq` need the live tail no more: they are acknowledged, or have become the gap. */
    private readonly onSettled: (seq: number) => void,
  ) {}

  add(line: LogLine): void {
    if (this.failure) return;
    const json = JSON.stringify(line);
    if (this.lines.length === 0) this.first = line.seq;
    this.lines.push(json);
    this.last = line.seq;
    this.textBytes += Buffer.byteLength(line.text) + 1;
    this.jsonBytes += json.length;
    if (this.jsonBytes >= CHUNK_BYTES) this.seal();
    else this.timer ??= setTimeout(() => this.seal(), CHUNK_MS);
  }

  /** True while the tool should write no more. */
  get isFull(): boolean {
    return !this.failure && this.queuedBytes > BACKLOG_BYTES;
  }

  /** Resolves when there is room again, or when nobody wants the log any more. */
  async room(): Promise<void> {
    while (this.isFull) await new Promise<void>((resolve) => this.waiters.push(resolve));
  }

  /** Sends everything that is held, the end of an overlong log too. Rejects when the epoch is over. */
  async flush(): Promise<void> {
    this.seal();
    if (this.gap) {
      const { from, to, bytes } = this.gap;
      const body = compress(`${JSON.stringify({ epoch: this.epoch, from, to, bytes })}\n`);
      this.enqueue({ first_seq: from, last_seq: to, lines: 1, bytes: 0, body });
      this.gap = null;
      this.hasGap = true;
    }
    for (const chunk of this.end.splice(0)) this.enqueue(chunk);
    this.endBytes = 0;
    while (this.sending) await this.sending;
    if (this.failure) throw this.failure;
  }

  /** Nothing more is sent; for an epoch that is over. */
  abandon(reason: Error): void {
    this.failure ??= reason;
    this.clear();
  }

  private seal(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (this.lines.length === 0) return;
    const body = compress(`${this.lines.join('\n')}\n`);
    const chunk: Chunk = {
      first_seq: this.first,
      last_seq: this.last,
      lines: this.lines.length,
      bytes: this.textBytes,
      body,
    };
    this.lines = [];
    this.textBytes = 0;
    this.jsonBytes = 0;
    const reserved = Math.min(KEPT_END_BYTES, this.limitBytes / 2);
    // Once the gap is written the few lines that still come (publishing) are all sent: there is only one gap.
    this.isOverLimit ||= !this.hasGap && this.keptBytes + chunk.bytes > this.limitBytes - reserved;
    if (!this.isOverLimit || this.hasGap) this.enqueue(chunk);
    else this.hold(chunk, reserved);
  }

  private hold(chunk: Chunk, reserved: number): void {
    this.end.push(chunk);
    this.endBytes += chunk.bytes;
    while (this.endBytes > reserved && this.end.length > 1) {
      const dropped = this.end.shift()!;
      this.endBytes -= dropped.bytes;
      this.gap ??= { epoch: this.epoch, from: dropped.first_seq, to: 0, bytes: 0 };
      this.gap.to = dropped.last_seq;
      this.gap.bytes += dropped.bytes;
      this.onSettled(dropped.last_seq);
    }
  }

  private enqueue(chunk: Chunk): void {
    if (this.failure) return;
    this.keptBytes += chunk.bytes;
    this.queuedBytes += chunk.bytes;
    this.queue.push(chunk);
    this.sending ??= this.sendAll();
  }

  private async sendAll(): Promise<void> {
    try {
      for (let chunk = this.queue.shift(); chunk; chunk = this.queue.shift()) {
        const { body, ...query } = chunk;
        await this.post(query, await body);
        this.queuedBytes -= chunk.bytes;
        this.onSettled(chunk.last_seq);
        this.wake();
      }
    } catch (error) {
      this.abandon(error as Error);
    } finally {
      this.sending = null;
    }
  }

  private clear(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.queue.length = 0;
    this.end.length = 0;
    this.lines = [];
    this.wake();
  }

  private wake(): void {
    for (const waiter of this.waiters.splice(0)) waiter();
  }
}
