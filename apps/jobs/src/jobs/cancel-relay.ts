import { Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap } from '@nestjs/common';
import { EventFeed } from '../events/event-feed.js';
import { Valkey } from '../infrastructure/valkey.js';
import { JobsRepository } from './jobs.repository.js';

/**
 * Tells workers at once which of their jobs are to stop, whoever asked for it: a cancel here, a delete in the
 * environments service. Only an accelerator; the next heartbeat's answer says the same.
 */
@Injectable()
export class CancelRelay implements OnApplicationBootstrap {
  private readonly logger = new Logger('CancelRelay');

  constructor(
    private readonly jobs: JobsRepository,
    private readonly feed: EventFeed,
    private readonly valkey: Valkey,
  ) {}

  onApplicationBootstrap(): void {
    this.feed.onAnyJob(({ resourceId, data }) => {
      if (data['status'] === 'running' && data['cancel_requested_at'] !== null) void this.relay(resourceId);
    });
  }

  async tell(workerId: string, jobId: string): Promise<void> {
    try {
      await this.valkey.cancels.publish(workerId, jobId);
    } catch (error) {
      this.logger.warn(`The cancel of ${jobId} waits for a heartbeat: ${(error as Error).message}`);
    }
  }

  private async relay(jobId: string): Promise<void> {
    const workerId = await this.jobs.workerToCancel(jobId).catch(() => null);
    if (workerId) await this.tell(workerId, jobId);
  }
}
