import type { LogLine } from '@darb/models';
import type { Redis } from 'ioredis';
import { LogTail } from './log-tail.js';
import { tailKey } from './names.js';

/** A wake-up may be lost (Pub/Sub promises nothing): look anyway, this often. */
const SAFETY_POLL_MS = 1_000;
/** A follower that leaves this many lines unread gets no more until it has read them. */
const MAX_UNREAD_LINES = 5_000;

/** One follower's place in a tail. Its unread lines are bounded; what it misses meanwhile is in Postgres. */
class Follower {
  private unread: LogLine[] = [];
  private signalArrival: (() => void) | null = null;

  constructor(public cursor: number) {}

  get hasRoom(): boolean {
    return this.unread.length < MAX_UNREAD_LINES;
  }

  offer(lines: readonly LogLine[]): void {
    const fresh = lines.filter((line) => line.seq > this.cursor);
    const last = fresh.at(-1);
    if (!last) return;
    this.cursor = last.seq;
    this.unread.push(...fresh);
    this.signalArrival?.();
  }

  take(): LogLine[] {
    const lines = this.unread;
    this.unread = [];
    return lines;
  }

  /** Resolves when lines arrive or the signal aborts. */
  async arrival(signal: AbortSignal): Promise<void> {
    if (this.unread.length > 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        signal.removeEventListener('abort', done);
        this.signalArrival = null;
        resolve();
      };
      this.signalArrival = done;
      signal.addEventListener('abort', done, { once: true });
    });
  }
}

/** All followers of one (job, epoch) in this process: one read serves them all. */
class Tail {
  readonly followers = new Set<Follower>();
  private isReading = false;
  private isStale = false;

  constructor(private readonly read: (afterSeq: number) => Promise<LogLine[]>) {}

  wake(): void {
    this.isStale = true;
    if (!this.isReading) void this.readWhileStale();
  }

  private async readWhileStale(): Promise<void> {
    this.isReading = true;
    try {
      while (this.isStale) {
        this.isStale = false;
        const ready = [...this.followers].filter((follower) => follower.hasRoom);
        if (ready.length === 0) return;
        const lines = await this.read(Math.min(...ready.map((follower) => follower.cursor)));
        // Also those who joined meanwhile from further back: they woke this tail again for what is before it.
        for (const follower of ready) follower.offer(lines);
      }
    } catch {
      // Valkey is away; the safety poll or the reconnection wakes this tail again.
    } finally {
      this.isReading = false;
    }
  }
}

/**
 * Serves every follower of a process over two connections: one that is subscribed to the tails being followed,
 * one that reads. A message only wakes; what is delivered always comes from the stream.
 */
export class LogTailReader {
  private readonly tails = new Map<string, Tail>();
  private readonly subscriber: Redis;
  private readonly logTail: LogTail;
  private readonly poll: NodeJS.Timeout;

  constructor(
    private readonly redis: Redis,
    private readonly prefix: string,
  ) {
    this.logTail = new LogTail(redis, prefix);
    this.subscriber = redis.duplicate({
      maxRetriesPerRequest: null,
      enableOfflineQueue: true,
      autoResubscribe: true,
      // A subscription may wait for Valkey as long as it takes.
      commandTimeout: undefined,
    });
    this.subscriber.on('error', () => undefined);
    this.subscriber.on('message', (key: string) => this.tails.get(key)?.wake());
    this.subscriber.on('ready', () => this.wakeAll());
    this.poll = setInterval(() => this.wakeAll(), SAFETY_POLL_MS).unref();
  }

  /**
   * Yields the lines with seq > `afterSeq` as they come, until the signal aborts. Lines never repeat or go back;
   * a jump in `seq` means that the tail no longer has them, and the caller must read Postgres.
   */
  async *follow(
    jobId: string,
    epoch: number,
    afterSeq: number,
    signal: AbortSignal,
  ): AsyncGenerator<LogLine[]> {
    const key = tailKey(this.prefix, jobId, epoch);
    const follower = new Follower(afterSeq);
    const tail = this.join(key, jobId, epoch, follower);
    try {
      while (!signal.aborted) {
        const wasFull = !follower.hasRoom;
        const lines = follower.take();
        if (wasFull) tail.wake();
        if (lines.length > 0) yield lines;
        else await follower.arrival(signal);
      }
    } finally {
      this.leave(key, tail, follower);
    }
  }

  /** Number of tails being followed; for metrics and tests. */
  get tailCount(): number {
    return this.tails.size;
  }

  close(): void {
    clearInterval(this.poll);
    this.subscriber.disconnect();
  }

  private join(key: string, jobId: string, epoch: number, follower: Follower): Tail {
    let tail = this.tails.get(key);
    if (!tail) {
      tail = new Tail((afterSeq) => this.logTail.read(jobId, epoch, afterSeq));
      this.tails.set(key, tail);
      const created = tail;
      // Look once more when subscribed: an append between the first read and the subscription woke nobody.
      this.subscriber.subscribe(key).then(
        () => created.wake(),
        () => undefined,
      );
    }
    tail.followers.add(follower);
    tail.wake();
    return tail;
  }

  private leave(key: string, tail: Tail, follower: Follower): void {
    tail.followers.delete(follower);
    if (tail.followers.size > 0 || this.tails.get(key) !== tail) return;
    this.tails.delete(key);
    void this.subscriber.unsubscribe(key).catch(() => undefined);
  }

  private wakeAll(): void {
    for (const tail of this.tails.values()) tail.wake();
  }
}
