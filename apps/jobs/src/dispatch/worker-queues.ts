import type { Dispatch } from '@darb/ledger';
import { deliveryEntryId, workerQueueName } from '@darb/queue';
import type { Delivery } from '@darb/queue';
import { getSharedConfigToken } from '@nestjs/bullmq';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import { Queue } from 'bullmq';
import type { QueueOptions } from 'bullmq';

/**
 * The BullMQ queues of workers, one each. They come and go with the workers, so they are made here from the
 * module's shared settings and not registered by name. What is lost here is withdrawn and dispatched again.
 */
@Injectable()
export class WorkerQueues implements OnApplicationShutdown {
  private readonly logger = new Logger('WorkerQueues');
  private readonly queues = new Map<string, Queue<Delivery>>();

  constructor(@Inject(getSharedConfigToken()) private readonly options: QueueOptions) {}

  /** Never rejects: a dispatch that can't be delivered now is overdue in a few seconds. */
  async deliver(dispatches: readonly Dispatch[]): Promise<void> {
    const byWorker = Map.groupBy(dispatches, (dispatch) => dispatch.worker_id);
    await Promise.all(
      [...byWorker].map(async ([workerId, mine]) => {
        try {
          await this.queueOf(workerId).addBulk(mine.map(toEntry));
        } catch (error) {
          this.logger.warn(
            `${mine.length} dispatches did not get to ${workerId}: ${(error as Error).message}`,
          );
        }
      }),
    );
  }

  /** Takes back entries whose dispatch is void; a worker that got one already is refused at the claim. */
  async withdraw(dispatches: readonly Dispatch[]): Promise<void> {
    for (const dispatch of dispatches) {
      await this.queueOf(dispatch.worker_id)
        .remove(deliveryEntryId(dispatch))
        .catch(() => undefined);
    }
  }

  /** Removes everything of a worker that is gone. Rejects while Valkey is away. */
  async obliterate(workerId: string): Promise<void> {
    await this.queueOf(workerId).obliterate({ force: true });
    await this.forget(workerId);
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.queues.keys()].map((workerId) => this.forget(workerId)));
  }

  private async forget(workerId: string): Promise<void> {
    const queue = this.queues.get(workerId);
    this.queues.delete(workerId);
    await queue?.close().catch(() => undefined);
  }

  private queueOf(workerId: string): Queue<Delivery> {
    let queue = this.queues.get(workerId);
    if (!queue) {
      queue = new Queue<Delivery>(workerQueueName(workerId), this.options);
      queue.on('error', () => undefined);
      this.queues.set(workerId, queue);
    }
    return queue;
  }
}

function toEntry({ job_id, dispatch_no }: Dispatch) {
  const data: Delivery = { job_id, dispatch_no };
  return { name: 'delivery', data, opts: { jobId: deliveryEntryId(data) } };
}
