import { connectValkey, workerQueueName, type Delivery } from '@darb/queue';
import type { DarbLogger } from '@darb/service-kit/edge';
import { Worker } from 'bullmq';
import type { Redis, RedisOptions } from 'ioredis';
import type { Session } from './session.js';

/**
 * Longer than any job. A delivery is only a wake-up: whether it counts is decided by claim, and a job whose worker
 * is gone is found by its lease, so BullMQ must never run one again by itself.
 */
const LOCK_MS = 7 * 24 * 3_600_000;

/** Reads this worker's own queue; a delivery is fetched only when a slot is free for it. */
export class Consumer {
  private readonly redis: Redis;
  private readonly worker: Worker<Delivery>;

  constructor(
    session: Session,
    connection: RedisOptions,
    prefix: string,
    slots: number,
    handle: (delivery: Delivery) => Promise<void>,
    logger: DarbLogger,
  ) {
    this.redis = connectValkey(connection);
    this.worker = new Worker<Delivery>(workerQueueName(session.workerId), ({ data }) => handle(data), {
      connection: this.redis,
      prefix,
      concurrency: slots,
      lockDuration: LOCK_MS,
      maxStalledCount: 0,
      skipStalledCheck: true,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
    });
    let lastError = '';
    this.worker.on('error', (error) => {
      // A lost Valkey reports on every attempt; one line for each reason is enough.
      if (error.message !== lastError) logger.warn(`Queue: ${error.message}`);
      lastError = error.message;
    });
    this.worker.on('ready', () => (lastError = ''));
  }

  /** Takes no further delivery; what runs goes on. */
  async pause(): Promise<void> {
    await this.worker.pause(true);
  }

  /** Without waiting for anything: call it when nothing runs any more. */
  async close(): Promise<void> {
    await this.worker.close(true).catch(() => undefined);
    this.redis.disconnect();
  }
}
