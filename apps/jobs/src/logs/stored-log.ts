import { Injectable } from '@nestjs/common';
import { patiently } from '../infrastructure/patiently.js';
import { decodeChunk, lastSeqOf, spanOf, takeContiguous } from './log-records.js';
import type { LogRecord } from './log-records.js';
import { LogsRepository } from './logs.repository.js';
import type { EpochLog } from './logs.repository.js';

/** How long a read may wait for the database: not at all, or, for a reader who is connected, until its signal aborts. */
export type Patience = AbortSignal | null;

/** What Postgres has of a log, a few chunks at a time: a log may be larger than what fits in memory. */
@Injectable()
export class StoredLog {
  constructor(private readonly logs: LogsRepository) {}

  /** All of a closed epoch after `afterSeq`; what is missing in it is said, because it will never come. */
  async *readClosed(
    jobId: string,
    { epoch, announcedSeq, removed }: EpochLog,
    afterSeq: number,
    patience: Patience,
  ): AsyncGenerator<LogRecord[]> {
    let seq = afterSeq;
    if (removed) {
      const gap = { epoch, from: seq + 1, to: removed.lastSeq, bytes: removed.bytes };
      if (removed.lastSeq > seq) yield [{ ...gap, reason: 'retention' }];
      return;
    }
    for await (const records of this.readChunks(jobId, epoch, seq, patience)) {
      const whole: LogRecord[] = [];
      for (const record of records) {
        const [first, last] = spanOf(record);
        if (first > seq + 1) whole.push({ epoch, from: seq + 1, to: first - 1, bytes: 0 });
        whole.push(record);
        seq = last;
      }
      yield whole;
    }
    if (announcedSeq > seq) yield [{ epoch, from: seq + 1, to: announcedSeq, bytes: 0 }];
  }

  /**
   * What is there after `afterSeq`, up to the first hole: of an open epoch the missing part may still come.
   * @param lastSeq where it ends, as far as the caller knows; not asked for when the reader has got there
   */
  async *readOpen(
    jobId: string,
    epoch: number,
    afterSeq: number,
    patience: Patience,
    lastSeq = Infinity,
  ): AsyncGenerator<LogRecord[]> {
    let seq = afterSeq;
    if (lastSeq <= seq) return;
    for await (const records of this.readChunks(jobId, epoch, seq, patience)) {
      const { ready, rest } = takeContiguous(records, seq);
      if (ready.length > 0) yield ready;
      if (rest.length > 0 || ready.length === 0) return;
      seq = lastSeqOf(ready);
    }
  }

  private async *readChunks(
    jobId: string,
    epoch: number,
    afterSeq: number,
    patience: Patience,
  ): AsyncGenerator<LogRecord[]> {
    let seq = afterSeq;
    while (true) {
      const read = () => this.logs.chunksAfter(jobId, epoch, seq);
      const chunks = await (patience ? patiently(read, patience) : read());
      if (chunks.length === 0) return;
      for (const data of chunks) {
        const records = (await decodeChunk(data)).filter((record) => spanOf(record)[1] > seq);
        if (records.length === 0) continue;
        seq = lastSeqOf(records);
        yield records;
      }
    }
  }
}
