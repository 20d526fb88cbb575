import type { LogLine } from '@darb/models';
import type { Redis } from 'ioredis';
import { LogTail } from './log-tail.js';
import { tailKey } from './names.js';

/** A wake-up may be lost (Pub/Sub promises nothing): look anyway, this often. */
const SAFETY_POLL_MS = 1_000;
/** A follower that leaves this many lines unread gets no more until it has read them. */
const MAX_UNREAD_LINES = 5_000;

/** One follower's place in a tail. Its unread lines are bounded; what it misses meanwhile is in Postgres. */
export class LogFollower {
  private unread: LogLine[] = [];

  constructor(
    private readonly tail: Tail,
    public cursor: number,
    private readonly onArrival: () => void,
    private readonly onClose: (follower: LogFollower) => void,
  ) {}

  get hasLines(): boolean {
    return this.unread.length > 0;
  }

  get hasRoom(): boolean {
    return this.unread.length < MAX_UNREAD_LINES;
  }

  /** Called by the tail. */
  offer(lines: readonly LogLine[]): void {
    const fresh = lines.filter((line) => line.seq > this.cursor);
    const last = fresh.at(-1);
    if (!last) return;
    this.cursor = last.seq;
    this.unread = this.unread.length === 0 ? fresh : [...this.unread, ...fresh];
    this.onArrival();
  }

  /** The lines that came since the last call, in order. */
  take(): LogLine[] {
    const lines = this.unread;
    const wasFull = !this.hasRoom;
    this.unread = [];
    if (wasFull) this.tail.wake();
    return lines;
  }

  close(): void {
    this.onClose(this);
  }
}

/** All followers of one (job, epoch) in this process: one read serves them all. */
class Tail {
  readonly followers = new Set<LogFollower>();
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
   * Collects the lines with seq > `afterSeq` as they come, and calls `onArrival` when there are some to take. Lines
   * never repeat or go back; a jump in `seq` means that the tail no longer has them, and the caller must read Postgres.
   */
  follow(jobId: string, epoch: number, afterSeq: number, onArrival: () => void): LogFollower {
    const key = tailKey(this.prefix, jobId, epoch);
    const tail = this.tails.get(key) ?? this.open(key, jobId, epoch);
    const follower = new LogFollower(tail, afterSeq, onArrival, (closed) => this.leave(key, tail, closed));
    tail.followers.add(follower);
    tail.wake();
    return follower;
  }

  /** Number of tails being followed; for metrics and tests. */
  get tailCount(): number {
    return this.tails.size;
  }

  close(): void {
    clearInterval(this.poll);
    this.subscriber.disconnect();
  }

  private open(key: string, jobId: string, epoch: number): Tail {
    const tail = new Tail((afterSeq) => this.logTail.read(jobId, epoch, afterSeq));
    this.tails.set(key, tail);
    // Look once more when subscribed: an append between the first read and the subscription woke nobody.
    this.subscriber.subscribe(key).then(
      () => tail.wake(),
      () => undefined,
    );
    return tail;
  }

  private leave(key: string, tail: Tail, follower: LogFollower): void {
    tail.followers.delete(follower);
    if (tail.followers.size > 0 || this.tails.get(key) !== tail) return;
    this.tails.delete(key);
    void this.subscriber.unsubscribe(key).catch(() => undefined);
  }

  private wakeAll(): void {
    for (const tail of this.tails.values()) tail.wake();
  }
}
