import type { LostEpoch } from '@darb/ledger';
import { Shutdown } from '@darb/service-kit';
import { Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap } from '@nestjs/common';
import { JobsConfig } from '../config.js';
import { EventsRepository } from '../events/events.repository.js';
import { LogWriter } from '../logs/log-writer.js';
import { JobsMetrics } from '../metrics/jobs-metrics.js';
import { DispatchRepository } from './dispatch.repository.js';
import { Dispatcher } from './dispatcher.js';
import { HeartbeatWatch } from './heartbeat-watch.js';
import { repeat } from './repeat.js';
import { WorkerQueues } from './worker-queues.js';

const LEASES_EVERY_MS = 1_000;
const REPAIRS_EVERY_MS = 5_000;
const EVENTS_PER_CLEANUP = 5_000;
/** After so many tries the end of a lost log is written without the live tail, about a minute. */
const TAIL_TRIES = 12;

/** Puts right what a death between two lines has left: every accepted job ends, every log says how it ended. */
@Injectable()
export class Reconciler implements OnApplicationBootstrap {
  private readonly logger = new Logger('Reconciler');
  private obliterated = new Set<string>();
  private readonly tailTries = new Map<string, number>();

  constructor(
    private readonly dispatches: DispatchRepository,
    private readonly dispatcher: Dispatcher,
    private readonly queues: WorkerQueues,
    private readonly watch: HeartbeatWatch,
    private readonly logs: LogWriter,
    private readonly events: EventsRepository,
    private readonly metrics: JobsMetrics,
    private readonly config: JobsConfig,
    private readonly shutdown: Shutdown,
  ) {}

  onApplicationBootstrap(): void {
    const { signal } = this.shutdown;
    void repeat(LEASES_EVERY_MS, 'Checking leases', signal, this.logger, () => this.checkLeases());
    void repeat(REPAIRS_EVERY_MS, 'Repairing', signal, this.logger, () => this.repair());
  }

  private async checkLeases(): Promise<void> {
    const silent = await this.dispatches.silentWorkers();
    this.watch.noteSign();
    if (this.watch.mayJudge()) {
      for (const workerId of silent) await this.lose(workerId);
    }
    for (const orphan of await this.dispatches.orphanedJobs()) {
      const epoch = await this.dispatches.loseOrphan(orphan);
      if (epoch) await this.ended('job_lost', epoch, { worker_id: orphan.workerId });
    }
    for (const forgotten of await this.dispatches.forgottenJobs()) {
      const epoch = await this.dispatches.loseForgotten(forgotten);
      if (epoch) await this.ended('job_forgotten', epoch, { worker_id: forgotten.workerId });
    }
    for (const jobId of await this.dispatches.expiredJobs()) {
      const epoch = await this.dispatches.expireJob(jobId);
      if (epoch) await this.ended('job_expired', epoch);
    }
    await this.withdraw();
  }

  private async withdraw(): Promise<void> {
    const overdue = await this.dispatches.withdrawOverdue();
    if (overdue.length === 0) return;
    this.metrics.withdrawals.inc(overdue.length);
    this.logger.warn({ event: 'dispatches_withdrawn', count: overdue.length });
    this.dispatcher.wake();
    await this.queues.withdraw(overdue);
  }

  private async lose(workerId: string): Promise<void> {
    if (!(await this.dispatches.endWorker(workerId))) return;
    this.metrics.lostWorkers.inc();
    this.logger.warn({ event: 'worker_lost', worker_id: workerId });
    this.dispatcher.wake();
  }

  /** Counts and logs one repair, and closes the log that its worker can't close any more. */
  private async ended(repair: string, epoch: LostEpoch, fields: Record<string, unknown> = {}): Promise<void> {
    this.metrics.repairs.inc({ repair });
    this.logger.warn({ event: repair, job_id: epoch.jobId, epoch: epoch.epoch, ...fields });
    this.dispatcher.wake();
    await this.closeLog(epoch);
  }

  private async repair(): Promise<void> {
    for (const epoch of await this.dispatches.unclosedLogs()) await this.closeLog(epoch);
    for (const jobId of await this.dispatches.overdueJobs(this.config.jobWaitSeconds)) {
      const job = await this.dispatches.failOverdue(jobId, this.config.jobWaitSeconds);
      if (!job) continue;
      this.metrics.repairs.inc({ repair: 'job_waited_too_long' });
      this.logger.warn({ event: 'job_waited_too_long', job_id: jobId, waiting_for: job.waiting_for });
    }
    const ended = new Set(await this.dispatches.recentlyEndedWorkers());
    this.obliterated = new Set([...this.obliterated].filter((workerId) => ended.has(workerId)));
    for (const workerId of ended) await this.obliterate(workerId);
    await this.events.deleteOlderThan(this.config.eventsRetentionSeconds, EVENTS_PER_CLEANUP);
  }

  /** A log that can't be closed now, because Valkey is away, is found again by the repairs. */
  private async closeLog(epoch: LostEpoch): Promise<void> {
    const key = `${epoch.jobId}-${epoch.epoch}`;
    const tries = this.tailTries.get(key) ?? 0;
    try {
      await this.logs.closeLost(epoch, tries >= TAIL_TRIES);
      this.tailTries.delete(key);
    } catch (error) {
      this.tailTries.set(key, tries + 1);
      this.logger.warn(`The log of ${key} can't be closed yet: ${(error as Error).message}`);
    }
  }

  private async obliterate(workerId: string): Promise<void> {
    if (this.obliterated.has(workerId)) return;
    try {
      await this.queues.obliterate(workerId);
      this.obliterated.add(workerId);
    } catch (error) {
      this.logger.warn(`The queue of ${workerId} can't be removed yet: ${(error as Error).message}`);
    }
  }
}
