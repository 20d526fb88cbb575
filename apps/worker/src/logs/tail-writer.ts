import type { LogLine } from '@darb/models';

/** What the live tail needs of Valkey; `LogTail` of @darb/queue is one. */
export interface Tail {
  append(jobId: string, epoch: number, lines: readonly LogLine[]): Promise<boolean>;
  trim(jobId: string, epoch: number, throughSeq: number): Promise<void>;
  drop(jobId: string, epoch: number): Promise<void>;
}

const BATCH_BYTES = 16 * 1024;
/** The first line after a pause goes at once; a stream of lines is gathered for this long. */
const GATHER_MS = 20;
/** After a failed append Valkey is left alone for a moment. */
const RETRY_MS = 500;
/** While Valkey is away at most this much waits for it; older lines reach their readers through Postgres. */
const BUFFER_BYTES = 1024 * 1024;

/** Adds lines to the live tail as they come. It may lose lines, it never fails and never makes anyone wait. */
export class TailWriter {
  private buffer: LogLine[] = [];
  private bufferBytes = 0;
  private nextFlushAt = 0;
  private flushing: Promise<void> | null = null;
  private isClosed = false;

  constructor(
    private readonly tail: Tail,
    private readonly jobId: string,
    private readonly epoch: number,
  ) {}

  add(line: LogLine): void {
    if (this.isClosed) return;
    this.buffer.push(line);
    this.bufferBytes += size(line);
    while (this.bufferBytes > BUFFER_BYTES) this.bufferBytes -= size(this.buffer.shift()!);
    this.flushing ??= this.flushAll();
  }

  trim(throughSeq: number): void {
    this.tail.trim(this.jobId, this.epoch, throughSeq).catch(() => undefined);
  }

  /** Everything is acknowledged: the tail is not needed any more. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.buffer = [];
    await this.flushing;
    await this.tail.drop(this.jobId, this.epoch).catch(() => undefined);
  }

  private async flushAll(): Promise<void> {
    while (this.buffer.length > 0) {
      const pause = this.nextFlushAt - Date.now();
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause).unref());
      const batch = this.takeBatch();
      if (batch.length === 0) break;
      this.nextFlushAt = Date.now() + GATHER_MS;
      const isAppended = await this.tail.append(this.jobId, this.epoch, batch).catch(() => false);
      if (!isAppended) this.nextFlushAt = Date.now() + RETRY_MS;
    }
    this.flushing = null;
  }

  private takeBatch(): LogLine[] {
    let bytes = 0;
    let count = 0;
    while (count < this.buffer.length && bytes < BATCH_BYTES) bytes += size(this.buffer[count++]!);
    this.bufferBytes = Math.max(0, this.bufferBytes - bytes);
    return this.buffer.splice(0, count);
  }
}

function size(line: LogLine): number {
  return line.text.length + 64;
}
