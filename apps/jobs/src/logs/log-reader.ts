import { isTerminal } from '@darb/models';
import type { LogLine } from '@darb/models';
import { Injectable } from '@nestjs/common';
import { EventFeed } from '../events/event-feed.js';
import { Bell } from '../infrastructure/bell.js';
import { patiently } from '../infrastructure/patiently.js';
import { Question } from '../infrastructure/question.js';
import { Valkey } from '../infrastructure/valkey.js';
import type { LogPosition } from './log-position.js';
import { isGap, lastSeqOf, takeContiguous } from './log-records.js';
import type { LogRecord } from './log-records.js';
import { LogsRepository } from './logs.repository.js';
import type { JobLog } from './logs.repository.js';
import { StoredLog } from './stored-log.js';

/** How often a follower looks at Postgres although nothing told it to: Valkey may be away. */
const LOOK_AGAIN_MS = 2_000;
/** The worker sends what the live tail has lost within its next chunk. */
const FILL_RETRY_MS = 200;
/** Followers of one job that look at the same moment share the answer. */
const DESCRIBE_SHARED_MS = 100;

/** A job that is being followed, and whether it changed since somebody looked. */
interface FollowedJob {
  id: string;
  hasChanged: boolean;
  bell: Bell;
}

/**
 * Puts a job's log together: Postgres, then the live tail, and Postgres again wherever the tail has a hole. Every
 * seq comes once and in order, either as a line or within a gap.
 */
@Injectable()
export class LogReader {
  private readonly described = new Map<string, Promise<JobLog | null>>();

  constructor(
    private readonly logs: LogsRepository,
    private readonly stored: StoredLog,
    private readonly valkey: Valkey,
    private readonly feed: EventFeed,
  ) {}

  /**
   * Yields what comes after `from`, as it comes, also over times without the database or Valkey; ends when the job is
   * finished and all of its log was yielded, or when the signal aborts.
   */
  async *follow(jobId: string, from: LogPosition, signal: AbortSignal): AsyncGenerator<LogRecord[]> {
    const job: FollowedJob = { id: jobId, hasChanged: false, bell: new Bell() };
    const stopListening = this.feed.onJob(jobId, () => {
      // An answer from before the change must not be shared any more.
      this.described.delete(jobId);
      job.hasChanged = true;
      job.bell.ring();
    });
    // Once for the whole stream: a listener for every wait would cost more than what is sent.
    signal.addEventListener('abort', job.bell.ring, { once: true });
    let { epoch, seq } = from;
    try {
      while (!signal.aborted) {
        const known = await patiently(() => this.describe(jobId), signal);
        if (!known) return;
        const log = known.epochs.get(epoch);
        if (log) {
          const records = log.isClosed
            ? this.stored.readClosed(jobId, log, seq, signal)
            : this.followOpen(job, { epoch, seq }, signal);
          for await (const batch of records) {
            yield batch;
            seq = lastSeqOf(batch);
          }
          if (!log.isClosed) continue;
        }
        const next = [...known.epochs.keys()].find((other) => other > epoch);
        // Not claimed yet; or never again, because the job is over.
        if (next === undefined && isTerminal(known.status)) return;
        if (next === undefined && !log) await job.bell.wait(LOOK_AGAIN_MS);
        if (next !== undefined || log) {
          epoch = next ?? epoch + 1;
          seq = 0;
        }
      }
    } finally {
      stopListening();
      signal.removeEventListener('abort', job.bell.ring);
    }
  }

  /** Yields the log as it is now, all epochs from `from` on or only that one, and ends. */
  async *read(jobId: string, from: LogPosition, onlyThisEpoch: boolean): AsyncGenerator<LogRecord[]> {
    const job = await this.logs.describe(jobId);
    for (const log of job?.epochs.values() ?? []) {
      if (log.epoch < from.epoch || (onlyThisEpoch && log.epoch > from.epoch)) continue;
      let seq = log.epoch === from.epoch ? from.seq : 0;
      if (log.isClosed) {
        yield* this.stored.readClosed(jobId, log, seq, null);
        continue;
      }
      for await (const records of this.stored.readOpen(jobId, log.epoch, seq, null)) {
        yield records;
        seq = lastSeqOf(records);
      }
      const ready = await this.readLive(jobId, log.epoch, seq);
      if (ready.length > 0) yield ready;
    }
  }

  /**
   * Yields the last `count` lines of the log as it is now, with the gaps between them.
   * @param epoch only this one; null for all of them
   */
  async *readEnd(jobId: string, count: number, epoch: number | null): AsyncGenerator<LogRecord[]> {
    const job = await this.logs.describe(jobId);
    const open = [...(job?.epochs.values() ?? [])].at(-1);
    const live =
      open && !open.isClosed && (epoch ?? open.epoch) === open.epoch
        ? await this.readLive(jobId, open.epoch, open.storedSeq)
        : [];
    const { from, lineCount } = await this.logs.placeBeforeEnd(jobId, count - live.length, epoch);
    let toSkip = Math.max(0, lineCount + live.length - count);
    for await (const records of this.read(jobId, from, epoch !== null)) {
      let index = 0;
      while (toSkip > 0 && index < records.length) {
        if (!isGap(records[index]!)) toSkip -= 1;
        index += 1;
      }
      if (index < records.length) yield records.slice(index);
    }
  }

  /** The latest epoch that a job has been claimed for; 1 when there is none. */
  async latestEpoch(jobId: string): Promise<number> {
    const job = await this.logs.describe(jobId);
    return Math.max(1, ...(job?.epochs.keys() ?? []));
  }

  /** Ends when Postgres says that the epoch is closed (the caller then reads the rest there), or on abort. */
  private async *followOpen(
    job: FollowedJob,
    { epoch, seq: afterSeq }: LogPosition,
    signal: AbortSignal,
  ): AsyncGenerator<LogRecord[]> {
    let seq = afterSeq;
    for await (const records of this.stored.readOpen(job.id, epoch, seq, signal)) {
      yield records;
      seq = lastSeqOf(records);
    }
    const { bell } = job;
    const live = this.valkey.tailReader.follow(job.id, epoch, seq, bell.ring);
    // In the background: the live tail goes on while the database takes its time, or is away.
    const question = new Question(() => patiently(() => this.describe(job.id), signal), bell.ring);
    try {
      let held: LogLine[] = [];
      while (!signal.aborted) {
        if (held.length === 0) held = live.take();
        const { ready, rest } = takeContiguous(held, seq);
        held = rest;
        if (ready.length > 0) {
          yield ready;
          seq = lastSeqOf(ready);
          continue;
        }
        const known = question.takeAnswer();
        if (known !== undefined) {
          const log = known?.epochs.get(epoch);
          if (!log || log.isClosed) return;
          const before = seq;
          for await (const records of this.stored.readOpen(job.id, epoch, seq, signal, log.storedSeq)) {
            yield records;
            seq = lastSeqOf(records);
          }
          if (held.length > 0 && seq === before) await bell.wait(FILL_RETRY_MS);
          continue;
        }
        // The job changed, the tail has a hole, or it was silent for a while: ask Postgres.
        const isDue = job.hasChanged || held.length > 0 || !(await bell.wait(LOOK_AGAIN_MS));
        if (isDue && !question.isOpen) {
          job.hasChanged = false;
          question.ask();
        } else if (isDue) await bell.wait(LOOK_AGAIN_MS);
      }
    } finally {
      live.close();
    }
  }

  /** What the live tail has right after `afterSeq`; nothing while Valkey is away. */
  private async readLive(jobId: string, epoch: number, afterSeq: number): Promise<LogLine[]> {
    const tail = await this.valkey.tail.read(jobId, epoch, afterSeq).catch(() => []);
    return takeContiguous(tail, afterSeq).ready;
  }

  private describe(jobId: string): Promise<JobLog | null> {
    const shared = this.described.get(jobId);
    if (shared) return shared;
    const fresh = this.logs.describe(jobId);
    this.described.set(jobId, fresh);
    const forget = () => {
      if (this.described.get(jobId) === fresh) this.described.delete(jobId);
    };
    fresh.then(() => setTimeout(forget, DESCRIBE_SHARED_MS).unref(), forget);
    return fresh;
  }
}
