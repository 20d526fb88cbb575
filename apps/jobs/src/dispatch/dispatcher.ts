import type { RunningLimits } from '@darb/ledger';
import { JOBS_CHANNEL } from '@darb/models';
import { Shutdown } from '@darb/service-kit';
import { Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap } from '@nestjs/common';
import { JobsConfig } from '../config.js';
import { Bell } from '../infrastructure/bell.js';
import { PgListener } from '../infrastructure/pg-listener.js';
import { JobsMetrics } from '../metrics/jobs-metrics.js';
import { DispatchRepository } from './dispatch.repository.js';
import { WorkerQueues } from './worker-queues.js';

/** NOTIFY only wakes, and one may be lost. */
const PASS_EVERY_MS = 1_000;

/** Pairs waiting jobs with free slots, in every replica; the ledger's lock lets one pass run at a time. */
@Injectable()
export class Dispatcher implements OnApplicationBootstrap {
  private readonly logger = new Logger('Dispatcher');
  private readonly bell = new Bell();

  private readonly limits: RunningLimits;

  constructor(
    private readonly dispatches: DispatchRepository,
    private readonly queues: WorkerQueues,
    private readonly listener: PgListener,
    private readonly metrics: JobsMetrics,
    private readonly shutdown: Shutdown,
    config: JobsConfig,
  ) {
    this.limits = {
      perOrganization: config.limitRunningPerOrganization,
      perUser: config.limitRunningPerUser,
    };
  }

  /** Something may be dispatched now that could not be before. */
  readonly wake = this.bell.ring;

  onApplicationBootstrap(): void {
    this.listener.on(JOBS_CHANNEL, this.wake);
    void this.run();
  }

  private async run(): Promise<void> {
    const { signal } = this.shutdown;
    while (!signal.aborted) {
      try {
        const made = await this.dispatches.dispatchPass(this.limits);
        this.metrics.dispatches.inc(made.length);
        await this.queues.deliver(made);
      } catch (error) {
        this.logger.warn(`A dispatch pass failed (${(error as Error).message}); the next one follows.`);
      }
      await this.bell.wait(PASS_EVERY_MS, signal);
    }
  }
}
