import type { Metrics } from '@darb/service-kit/edge';
import { Counter, Gauge, Histogram } from 'prom-client';

/** What this worker did. */
export class WorkerMetrics {
  private readonly running: Gauge;
  private readonly runs: Counter<'type' | 'outcome'>;
  private readonly seconds: Histogram<'type'>;

  constructor({ registry }: Metrics, slots: number) {
    const registers = [registry];
    this.running = new Gauge({ name: 'darb_jobs_running', help: 'Jobs that run now.', registers });
    this.runs = new Counter({
      name: 'darb_jobs_ended_total',
      help: 'Runs of jobs, by how they ended.',
      labelNames: ['type', 'outcome'],
      registers,
    });
    this.seconds = new Histogram({
      name: 'darb_jobs_run_seconds',
      help: 'Time from claim to the last report.',
      labelNames: ['type'],
      buckets: [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800],
      registers,
    });
    new Gauge({ name: 'darb_worker_slots', help: 'Jobs that may run at a time.', registers }).set(slots);
  }

  started(): void {
    this.running.inc();
  }

  ended(type: string, outcome: string, seconds: number): void {
    this.running.dec();
    this.runs.inc({ type, outcome });
    this.seconds.observe({ type }, seconds);
  }
}
