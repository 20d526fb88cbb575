import type { Redis } from 'ioredis';
import { cancelChannelName } from './names.js';

/**
 * Makes a cancel immediate. Nothing depends on it: the answer of the next heartbeat says the same, so a lost
 * message costs seconds.
 */
export class CancelChannel {
  constructor(
    private readonly redis: Redis,
    private readonly prefix: string,
  ) {}

  /** Called by jobs when a cancel is committed. Rejects while Valkey is away; the caller may ignore that. */
  async publish(workerId: string, jobId: string): Promise<void> {
    await this.redis.publish(cancelChannelName(this.prefix, workerId), jobId);
  }

  /** Called by a worker, once per process: a connection of its own. Answers a function that ends it. */
  async subscribe(workerId: string, onCancel: (jobId: string) => void): Promise<() => void> {
    const subscriber = this.redis.duplicate({
      maxRetriesPerRequest: null,
      enableOfflineQueue: true,
      commandTimeout: undefined,
    });
    subscriber.on('error', () => undefined);
    subscriber.on('message', (_channel: string, jobId: string) => onCancel(jobId));
    // Not awaited for ever: a worker starts without Valkey too, and is subscribed once it is there.
    void subscriber.subscribe(cancelChannelName(this.prefix, workerId)).catch(() => undefined);
    return () => subscriber.disconnect();
  }
}
