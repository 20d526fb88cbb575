import type { HeartbeatAnswer, HeartbeatRequest } from '@darb/models';
import type { JobRun } from './job-run.js';
import type { StopReason } from './run-control.js';

/** The runs of this process. Two epochs of one job may overlap for a moment: the old one is being stopped. */
export class ActiveRuns {
  private readonly runs = new Set<JobRun>();
  private waiters: (() => void)[] = [];

  get count(): number {
    return this.runs.size;
  }

  add(run: JobRun): void {
    this.runs.add(run);
  }

  remove(run: JobRun): void {
    this.runs.delete(run);
    if (this.runs.size > 0) return;
    for (const waiter of this.waiters.splice(0)) waiter();
  }

  stopAll(reason: StopReason): void {
    for (const run of this.runs) run.control.stop(reason);
  }

  /** Resolves when nothing runs. */
  async idle(): Promise<void> {
    if (this.runs.size > 0) await new Promise<void>((resolve) => this.waiters.push(resolve));
  }

  has(jobId: string): boolean {
    return [...this.runs].some((run) => run.order.job_id === jobId);
  }

  report(): HeartbeatRequest['jobs'] {
    return [...this.runs].map((run) => ({
      id: run.order.job_id,
      epoch: run.epoch,
      progress: run.progress,
    }));
  }

  /** Takes what jobs says of each epoch that was reported. */
  obey(signals: HeartbeatAnswer['jobs']): void {
    for (const { id, epoch, stale, cancel, cancel_code: code } of signals) {
      const run = [...this.runs].find((each) => each.order.job_id === id && each.epoch === epoch);
      if (stale) run?.control.stop({ kind: 'stale' });
      else if (cancel) run?.control.stop({ kind: 'cancel', code });
    }
  }
}
