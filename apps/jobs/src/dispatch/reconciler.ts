import type { LostEpoch } from '@darb/ledger';
import { Shutdown } from '@darb/service-kit';
import { Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap } from '@nestjs/common';
import { JobsConfig } from '../config.js';
import { EventsRepository } from '../events/events.repository.js';
import { Bell } from '../infrastructure/bell.js';
import { LogWriter } from '../logs/log-writer.js';
import { JobsMetrics } from '../metrics/jobs-metrics.js';
import { DispatchRepository } from './dispatch.repository.js';
import { Dispatcher } from './dispatcher.js';
import { HeartbeatWatch } from './heartbeat-watch.js';
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
    void this.repeat(LEASES_EVERY_MS, 'leases', () => this.checkLeases());
    void this.repeat(REPAIRS_EVERY_MS, 'repairs', () => this.repair());
  }

  private async repeat(everyMs: number, what: string, work: () => Promise<void>): Promise<void> {
    const { signal } = this.shutdown;
    while (!signal.aborted) {
      try {
        await work();
      } catch (error) {
        this.logger.warn(`Checking ${what} failed (${(error as Error).message}); trying again.`);
      }
      await new Bell().wait(everyMs, signal);
    }
  }

  private async checkLeases(): Promise<void> {
    const silent = await this.dispatches.silentWorkers();
    this.watch.noteSign();
    if (this.watch.mayJudge()) {
      for (const workerId of silent) await this.lose(workerId);
    }
    const overdue = await this.dispatches.withdrawOverdue();
    if (overdue.length === 0) return;
    this.metrics.withdrawals.inc(overdue.length);
    this.logger.warn(`${overdue.length} dispatches were not claimed in time and are made anew.`);
    this.dispatcher.wake();
    await this.queues.withdraw(overdue);
  }

  private async lose(workerId: string): Promise<void> {
    const epochs = await this.dispatches.loseWorker(workerId);
    if (!epochs) return;
    this.metrics.lostWorkers.inc();
    this.logger.warn(`Worker ${workerId} is gone; ${epochs.length} jobs of it wait again or have ended.`);
    this.dispatcher.wake();
    for (const epoch of epochs) await this.closeLog(epoch);
  }

  private async repair(): Promise<void> {
    for (const orphan of await this.dispatches.orphanedJobs()) await this.dispatches.loseOrphan(orphan);
    for (const epoch of await this.dispatches.unclosedLogs()) await this.closeLog(epoch);
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
