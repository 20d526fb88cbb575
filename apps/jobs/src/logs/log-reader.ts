import { isTerminal } from '@darb/models';
import type { LogLine } from '@darb/models';
import { Injectable } from '@nestjs/common';
import { EventFeed } from '../events/event-feed.js';
import { Bell } from '../infrastructure/bell.js';
import { Valkey } from '../infrastructure/valkey.js';
import type { LogPosition } from './log-position.js';
import { decodeChunk, spanOf } from './log-records.js';
import type { LogRecord } from './log-records.js';
import { LogsRepository } from './logs.repository.js';
import type { EpochLog, JobLog } from './logs.repository.js';
import { Pump } from './pump.js';

/** How often a follower looks at Postgres although nothing told it to: Valkey may be away. */
const LOOK_AGAIN_MS = 2_000;
/** The worker sends what the live tail has lost within its next chunk. */
const FILL_RETRY_MS = 200;
/** Followers of one job that look at the same moment share the answer. */
const DESCRIBE_SHARED_MS = 100;

/**
 * Puts a job's log together: Postgres, then the live tail, and Postgres again wherever the tail has a hole. Every
 * seq comes once and in order, either as a line or within a gap.
 */
@Injectable()
export class LogReader {
  private readonly described = new Map<string, Promise<JobLog | null>>();

  constructor(
    private readonly logs: LogsRepository,
    private readonly valkey: Valkey,
    private readonly feed: EventFeed,
  ) {}

  /**
   * Yields what comes after `from`, as it comes; ends when the job is finished and all of its log was yielded, or
   * when the signal aborts.
   */
  async *follow(jobId: string, from: LogPosition, signal: AbortSignal): AsyncGenerator<LogRecord[]> {
    const bell = new Bell();
    const job = { id: jobId, hasChanged: false };
    const stopListening = this.feed.onJob(jobId, () => {
      // An answer from before the change must not be shared any more.
      this.described.delete(jobId);
      job.hasChanged = true;
      bell.ring();
    });
    let { epoch, seq } = from;
    try {
      while (!signal.aborted) {
        const known = await this.describe(jobId);
        if (!known) return;
        const log = known.epochs.get(epoch);
        if (!log) {
          // Not claimed yet; or never again, because the job is over.
          if (isTerminal(known.status)) return;
          await bell.wait(LOOK_AGAIN_MS, signal);
        } else if (log.isClosed) {
          yield* this.readClosed(jobId, log, seq);
          epoch += 1;
          seq = 0;
        } else {
          for await (const records of this.followOpen(job, { epoch, seq }, bell, signal)) {
            yield records;
            seq = spanOf(records.at(-1)!)[1];
          }
        }
      }
    } finally {
      stopListening();
    }
  }

  /** Yields the log as it is now, all epochs from `epoch` on, and ends. */
  async *read(jobId: string, from: LogPosition, onlyThisEpoch: boolean): AsyncGenerator<LogRecord[]> {
    const job = await this.logs.describe(jobId);
    for (const log of job?.epochs.values() ?? []) {
      if (log.epoch < from.epoch || (onlyThisEpoch && log.epoch > from.epoch)) continue;
      let seq = log.epoch === from.epoch ? from.seq : 0;
      if (log.isClosed) {
        yield* this.readClosed(jobId, log, seq);
        continue;
      }
      for await (const records of this.readStored(jobId, log.epoch, seq)) {
        yield records;
        seq = spanOf(records.at(-1)!)[1];
      }
      const tail = await this.valkey.tail.read(jobId, log.epoch, seq).catch(() => []);
      const { ready } = takeContiguous(tail, seq);
      if (ready.length > 0) yield ready;
    }
  }

  /** The latest epoch that a job has been claimed for; 1 when there is none. */
  async latestEpoch(jobId: string): Promise<number> {
    const job = await this.logs.describe(jobId);
    return Math.max(1, ...(job?.epochs.keys() ?? []));
  }

  /** Ends when Postgres says that the epoch is closed (the caller then reads the rest there), or on abort. */
  private async *followOpen(
    job: { id: string; hasChanged: boolean },
    { epoch, seq: afterSeq }: LogPosition,
    bell: Bell,
    signal: AbortSignal,
  ): AsyncGenerator<LogRecord[]> {
    let seq = afterSeq;
    for await (const records of this.readStored(job.id, epoch, seq)) {
      yield records;
      seq = spanOf(records.at(-1)!)[1];
    }
    const ended = new AbortController();
    const live = new Pump(
      this.valkey.tailReader.follow(job.id, epoch, seq, AbortSignal.any([signal, ended.signal])),
      bell.ring,
    );
    try {
      let held: LogLine[] = [];
      while (!signal.aborted) {
        if (held.length === 0) held = live.take() ?? [];
        const { ready, rest } = takeContiguous(held, seq);
        held = rest;
        if (ready.length > 0) {
          seq = ready.at(-1)!.seq;
          yield ready;
          continue;
        }
        if (held.length === 0 && !live.hasItem && !job.hasChanged) await bell.wait(LOOK_AGAIN_MS, signal);
        if (held.length === 0 && live.hasItem) continue;
        job.hasChanged = false;
        // The job changed, the tail has a hole, or it was silent for a while: ask Postgres.
        const log = (await this.describe(job.id))?.epochs.get(epoch);
        if (!log || log.isClosed) return;
        const before = seq;
        if (log.storedSeq > seq) {
          for await (const records of this.readStored(job.id, epoch, seq)) {
            yield records;
            seq = spanOf(records.at(-1)!)[1];
          }
        }
        if (held.length > 0 && seq === before) await bell.wait(FILL_RETRY_MS, signal);
      }
    } finally {
      ended.abort();
      live.close();
    }
  }

  /** All of a closed epoch after `afterSeq`; what is missing in it is said, because it will never come. */
  private async *readClosed(jobId: string, log: EpochLog, afterSeq: number): AsyncGenerator<LogRecord[]> {
    let seq = afterSeq;
    for await (const records of this.readChunks(jobId, log.epoch, seq)) {
      const whole: LogRecord[] = [];
      for (const record of records) {
        const [first, last] = spanOf(record);
        if (first > seq + 1) whole.push({ epoch: log.epoch, from: seq + 1, to: first - 1, bytes: 0 });
        whole.push(record);
        seq = last;
      }
      yield whole;
    }
    if (log.announcedSeq > seq) {
      yield [{ epoch: log.epoch, from: seq + 1, to: log.announcedSeq, bytes: 0 }];
    }
  }

  /** What Postgres has after `afterSeq`, up to the first hole: of an open epoch the missing part may still come. */
  private async *readStored(jobId: string, epoch: number, afterSeq: number): AsyncGenerator<LogRecord[]> {
    let seq = afterSeq;
    for await (const records of this.readChunks(jobId, epoch, seq)) {
      const { ready, rest } = takeContiguous(records, seq);
      if (ready.length > 0) yield ready;
      if (rest.length > 0 || ready.length === 0) return;
      seq = spanOf(ready.at(-1)!)[1];
    }
  }

  private async *readChunks(jobId: string, epoch: number, afterSeq: number): AsyncGenerator<LogRecord[]> {
    let seq = afterSeq;
    while (true) {
      const chunks = await this.logs.chunksAfter(jobId, epoch, seq);
      if (chunks.length === 0) return;
      for (const data of chunks) {
        const records = (await decodeChunk(data)).filter((record) => spanOf(record)[1] > seq);
        if (records.length === 0) continue;
        seq = spanOf(records.at(-1)!)[1];
        yield records;
      }
    }
  }

  private describe(jobId: string): Promise<JobLog | null> {
    const shared = this.described.get(jobId);
    if (shared) return shared;
    const fresh = this.logs.describe(jobId);
    this.described.set(jobId, fresh);
    const forget = () => this.described.delete(jobId);
    fresh.then(() => setTimeout(forget, DESCRIBE_SHARED_MS).unref(), forget);
    return fresh;
  }
}

/** Splits records into those that follow `seq` without a hole (old ones are dropped) and those beyond the hole. */
function takeContiguous<R extends LogRecord>(records: readonly R[], seq: number): { ready: R[]; rest: R[] } {
  const ready: R[] = [];
  let last = seq;
  for (const [index, record] of records.entries()) {
    const [first, to] = spanOf(record);
    if (to <= last) continue;
    if (first > last + 1) return { ready, rest: records.slice(index) };
    ready.push(record);
    last = to;
  }
  return { ready, rest: [] };
}
