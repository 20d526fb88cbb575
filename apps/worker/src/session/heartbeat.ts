import type { DarbLogger } from '@darb/service-kit/edge';
import type { JobsClient } from '../jobs/jobs.client.js';
import { JobsRefused, JobsUnavailable } from '../jobs/jobs.errors.js';
import type { ActiveRuns } from '../runs/active-runs.js';
import type { Machine } from '../machine/machine.js';
import type { Session } from './session.js';

const EXTRA_BEAT_MS = 300;

/** Reports every few seconds, renews the token, and obeys what the answer says about each job. */
export class Heartbeat {
  private timer: NodeJS.Timeout | null = null;
  private extra: NodeJS.Timeout | null = null;
  private beating: Promise<void> | null = null;
  private isWanted = false;
  private failures = 0;
  /** The reports of package managers that jobs has. */
  private reported: string;
  isDraining = false;

  constructor(
    private readonly jobs: JobsClient,
    private readonly runs: ActiveRuns,
    private readonly session: Session,
    private readonly machine: Machine,
    private readonly intervalMs: number,
    private readonly logger: DarbLogger,
  ) {
    this.reported = JSON.stringify(machine.reports);
  }

  start(): void {
    this.timer = setInterval(() => void this.beat(), this.intervalMs);
    this.session.over.addEventListener('abort', () => this.stop(), { once: true });
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer);
    if (this.extra) clearTimeout(this.extra);
    this.timer = null;
    this.extra = null;
  }

  /** A run has reached another phase: people who watch it should not wait for the next turn, jobs not be flooded. */
  soon(): void {
    if (this.timer === null || this.extra !== null) return;
    this.extra = setTimeout(() => {
      this.extra = null;
      void this.beat();
    }, EXTRA_BEAT_MS);
  }

  /** One at a time; asked for during one, another follows, since that one may have left too early. */
  async beat(): Promise<void> {
    this.isWanted = true;
    this.beating ??= this.beatWhileWanted();
    await this.beating;
  }

  private async beatWhileWanted(): Promise<void> {
    while (this.isWanted && !this.session.over.aborted) {
      this.isWanted = false;
      await this.beatOnce();
    }
    this.beating = null;
  }

  private async beatOnce(): Promise<void> {
    const jobs = this.runs.report();
    try {
      const managers = this.machine.reports;
      const told = JSON.stringify(managers);
      const isNews = told !== this.reported;
      const answer = await this.jobs.heartbeat(this.session.workerId, {
        jobs,
        draining: this.isDraining,
        space: await this.machine.store.space().catch(() => null),
        ...(isNews ? { managers } : {}),
      });
      this.reported = told;
      this.jobs.token = answer.token;
      if (this.failures > 0) this.logger.log('The jobs service answers again');
      this.failures = 0;
      if (!answer.known) this.session.end('the jobs service takes this worker for lost');
      else this.runs.obey(answer.jobs);
    } catch (error) {
      this.take(error);
    }
  }

  private take(error: unknown): void {
    const isUnknown =
      (error instanceof JobsRefused && error.isStale) ||
      (error instanceof JobsUnavailable && error.status === 401);
    if (isUnknown) {
      this.session.end('the jobs service does not accept this worker any more');
      return;
    }
    this.failures++;
    // Once is enough: running jobs go on, and everything they report is kept and repeated.
    if (this.failures === 1) this.logger.warn(`Heartbeat failed, retrying: ${(error as Error).message}`);
  }
}
