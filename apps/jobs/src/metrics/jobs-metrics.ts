import { Metrics } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { QueueRepository } from '../queue/queue.repository.js';

/** Numbers of this service beside those that every service has. The first is what workers are scaled on. */
@Injectable()
export class JobsMetrics {
  readonly dispatches: Counter;
  readonly withdrawals: Counter;
  readonly lostWorkers: Counter;
  /** By kind: what reconcile put right. */
  readonly repairs: Counter<'repair'>;
  readonly openStreams: Gauge;

  constructor(metrics: Metrics, queue: QueueRepository) {
    const registers = [metrics.registry];
    const counter = (name: string, help: string) => new Counter({ name, help, registers });
    this.dispatches = counter('darb_dispatches_made_total', 'Jobs given to a worker by this replica.');
    this.withdrawals = counter(
      'darb_dispatches_withdrawn_total',
      'Dispatches that no worker claimed in time.',
    );
    this.lostWorkers = counter('darb_workers_lost_total', 'Workers that fell silent.');
    this.repairs = new Counter({
      name: 'darb_repairs_total',
      help: 'Jobs that this replica put right, by kind.',
      labelNames: ['repair'],
      registers,
    });
    this.openStreams = new Gauge({
      name: 'darb_streams_open',
      help: 'Open event and log streams.',
      registers,
    });
    const jobs = new Gauge({
      name: 'darb_jobs_active',
      help: 'Unfinished jobs by status; the same in every replica.',
      labelNames: ['status'],
      registers,
      // The database is asked only when somebody looks; while it is away the last numbers stay.
      collect: async () => {
        const counts = await queue.countActive().catch(() => null);
        if (!counts) return;
        jobs.set({ status: 'pending' }, counts.pending);
        jobs.set({ status: 'running' }, counts.running);
      },
    });
  }
}
