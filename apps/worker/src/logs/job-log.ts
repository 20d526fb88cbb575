import type { JobPhase, LogLine } from '@darb/models';
import type { ChunkSender } from './chunk-sender.js';
import { LineSplitter } from './line-splitter.js';
import type { Redactor } from './redactor.js';
import type { TailWriter } from './tail-writer.js';

/** The log of one epoch: gives every line its number and its time, and hands it to both ways out. */
export class JobLog {
  private seq = 0;
  private isClosed = false;

  constructor(
    private readonly epoch: number,
    readonly redactor: Redactor,
    private readonly tail: TailWriter,
    private readonly chunks: ChunkSender,
  ) {}

  /** Number of the last line; 0 before the first. */
  get lastSeq(): number {
    return this.seq;
  }

  /** A line of Darb's own, for example the command that comes next. */
  say(phase: JobPhase | null, text: string): void {
    // May quote what a tool said; the lines of tools themselves are cleaned by their splitter.
    for (const line of text.toWellFormed().replaceAll('\0', '\uFFFD').split('\n'))
      this.write('darb', phase, line);
  }

  /** A splitter for one output stream of a tool. */
  stream(stream: 'stdout' | 'stderr', phase: JobPhase): LineSplitter {
    return new LineSplitter((text) => this.write(stream, phase, text));
  }

  /** True while the tool should write no more, because what it wrote cannot be delivered yet. */
  get isFull(): boolean {
    return this.chunks.isFull;
  }

  room(): Promise<void> {
    return this.chunks.room();
  }

  /** Every line so far is acknowledged. Rejects when the epoch is over. */
  flush(): Promise<void> {
    return this.chunks.flush();
  }

  /** After a flush: the live tail goes. What is still said then, by work that was given up, is not kept. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.tail.close();
  }

  abandon(reason: Error): void {
    this.chunks.abandon(reason);
  }

  private write(stream: LogLine['stream'], phase: JobPhase | null, raw: string): void {
    if (this.isClosed) return;
    const text = this.redactor.redact(raw);
    const line: LogLine = {
      seq: ++this.seq,
      epoch: this.epoch,
      time: new Date().toISOString(),
      stream,
      phase,
      text,
    };
    this.tail.add(line);
    this.chunks.add(line);
  }
}
