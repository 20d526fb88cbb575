import { firstRow } from '@darb/ledger';
import { Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { EventFeed } from '../events/event-feed.js';
import { Valkey } from './valkey.js';

/**
 * Tells workers at once which of their jobs are to stop, whoever asked for it: a cancel here, a delete in the
 * environments service. Only an accelerator; the next heartbeat's answer says the same.
 */
@Injectable()
export class CancelRelay implements OnApplicationBootstrap {
  private readonly logger = new Logger('CancelRelay');

  constructor(
    private readonly database: DataSource,
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
    const job = await firstRow<{ worker_id: string }>(
      this.database,
      `SELECT worker_id FROM jobs.jobs
       WHERE id = $1 AND status = 'running' AND worker_id IS NOT NULL AND committed_at IS NULL`,
      [jobId],
    ).catch(() => undefined);
    if (job) await this.tell(job.worker_id, jobId);
  }
}
