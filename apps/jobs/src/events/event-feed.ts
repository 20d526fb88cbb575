import { EVENTS_NUMBERED_CHANNEL } from '@darb/models';
import { Shutdown } from '@darb/service-kit';
import { Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap } from '@nestjs/common';
import { Bell } from '../infrastructure/bell.js';
import { patiently } from '../infrastructure/patiently.js';
import { PgListener } from '../infrastructure/pg-listener.js';
import type { EventPosition } from './event-position.js';
import { EventsRepository } from './events.repository.js';
import type { LiveEvent } from './events.repository.js';

/** The newest events that every stream of this process reads from memory; older ones come from Postgres. */
const KEPT_EVENTS = 2_000;
const BATCH = 500;
/** NOTIFY only wakes, and one may be lost. */
const POLL_MS = 1_000;

type JobListener = (event: LiveEvent) => void;

/** Reads the events once for this process, however many streams there are, and gives them out in order. */
@Injectable()
export class EventFeed implements OnApplicationBootstrap {
  private readonly logger = new Logger('EventFeed');
  private readonly bell = new Bell();
  private readonly wakers = new Set<() => void>();
  private readonly jobListeners = new Map<string, Set<JobListener>>();
  private readonly anyJobListeners = new Set<JobListener>();
  private kept: LiveEvent[] = [];
  /** Everything after this place, up to `last`, is in `kept`. */
  private begin: EventPosition | null = null;
  private last: EventPosition | null = null;

  constructor(
    private readonly events: EventsRepository,
    private readonly listener: PgListener,
    private readonly shutdown: Shutdown,
  ) {}

  onApplicationBootstrap(): void {
    this.listener.on(EVENTS_NUMBERED_CHANNEL, this.bell.ring);
    this.shutdown.signal.addEventListener('abort', () => {
      for (const wake of this.wakers) wake();
    });
    void this.run();
  }

  /** Calls back at every change of one job; answers a function that stops that. */
  onJob(jobId: string, listener: JobListener): () => void {
    const listeners = this.jobListeners.get(jobId) ?? new Set();
    this.jobListeners.set(jobId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.jobListeners.get(jobId) === listeners) this.jobListeners.delete(jobId);
    };
  }

  onAnyJob(listener: JobListener): void {
    this.anyJobListeners.add(listener);
  }

  /** Yields every event after `from`, whoever may see it; the caller filters. Ends when the signal aborts. */
  async *follow(from: EventPosition, signal: AbortSignal): AsyncGenerator<LiveEvent[]> {
    const bell = new Bell();
    this.wakers.add(bell.ring);
    let position = from;
    try {
      while (!signal.aborted) {
        const batch = this.fromMemory(position) ?? (await this.readPatiently(position, signal));
        if (batch.length === 0) {
          await bell.wait(POLL_MS, signal);
          continue;
        }
        position = batch.at(-1)!.position;
        yield batch;
      }
    } finally {
      this.wakers.delete(bell.ring);
    }
  }

  private readPatiently(position: EventPosition, signal: AbortSignal): Promise<LiveEvent[]> {
    return patiently(() => this.events.readAfter(position, BATCH), signal);
  }

  /** Null when memory does not reach back to the position. */
  private fromMemory(position: EventPosition): LiveEvent[] | null {
    if (this.begin === null || this.begin > position) return null;
    if (this.last !== null && this.last <= position) return [];
    const index = this.kept.findIndex((event) => event.position > position);
    return index === -1 ? [] : this.kept.slice(index, index + BATCH);
  }

  private async run(): Promise<void> {
    const { signal } = this.shutdown;
    while (!signal.aborted) {
      try {
        if (!(await this.readNew())) await this.bell.wait(POLL_MS, signal);
      } catch (error) {
        this.logger.warn(`Can't read events (${(error as Error).message}); trying again.`);
        await new Bell().wait(POLL_MS, signal);
      }
    }
  }

  /** Takes in what is new; returns whether there may be more. */
  private async readNew(): Promise<boolean> {
    if (this.last === null) this.begin = this.last = await this.events.now();
    const batch = await this.events.readAfter(this.last, BATCH);
    if (batch.length === 0) return false;
    this.kept.push(...batch);
    this.last = batch.at(-1)!.position;
    if (this.kept.length > KEPT_EVENTS) {
      const dropped = this.kept.splice(0, this.kept.length - KEPT_EVENTS);
      this.begin = dropped.at(-1)!.position;
    }
    for (const wake of this.wakers) wake();
    for (const event of batch) this.tellListeners(event);
    return batch.length === BATCH;
  }

  private tellListeners(event: LiveEvent): void {
    if (event.type !== 'job') return;
    for (const listener of this.anyJobListeners) listener(event);
    for (const listener of this.jobListeners.get(event.resourceId) ?? []) listener(event);
  }
}
