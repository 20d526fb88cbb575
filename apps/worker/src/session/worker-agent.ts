import { HEARTBEAT_SECONDS, type ClaimAnswer, type RegisterWorkerRequest } from '@darb/models';
import type { CancelChannel, Delivery } from '@darb/queue';
import type { DarbLogger } from '@darb/service-kit/edge';
import type { RedisOptions } from 'ioredis';
import { v4 as uuid } from 'uuid';
import type { JobsClient } from '../jobs/jobs.client.js';
import { JobsRefused } from '../jobs/jobs.errors.js';
import type { ActiveRuns } from '../runs/active-runs.js';
import { failed, finishRequest } from '../runs/finish-request.js';
import type { JobRun } from '../runs/job-run.js';
import { toJobError } from '../runs/run-errors.js';
import type { RunFactory } from '../runs/run-factory.js';
import type { Machine } from '../machine/machine.js';
import { RECORD_TOUCH_MS, type WorkerRecords } from '../store/worker-records.js';
import { Consumer } from './consumer.js';
import { Heartbeat } from './heartbeat.js';
import { register } from './registration.js';
import { Session } from './session.js';

/** From the end of the grace to the exit: killing trees, giving jobs back. */
const HAND_BACK_MS = 12_000;
/** A jobs service that does not answer must not hold up the stop. */
const GOODBYE_MS = 2_000;

export interface AgentOptions {
  joinToken: string;
  slots: number;
  graceSeconds: number;
  queue: { connection: RedisOptions; prefix: string };
  registration: RegisterWorkerRequest;
}

/** The worker's life: join, take deliveries, run them, report; join anew when it was taken for lost; stop in order. */
export class WorkerAgent {
  private readonly stopping = new AbortController();
  private session: Session | null = null;
  private heartbeat: Heartbeat | null = null;
  private consumer: Consumer | null = null;
  private life: Promise<void> | null = null;

  constructor(
    private readonly options: AgentOptions,
    private readonly jobs: JobsClient,
    private readonly runs: ActiveRuns,
    private readonly factory: RunFactory,
    private readonly records: WorkerRecords,
    private readonly machine: Machine,
    private readonly cancels: CancelChannel,
    private readonly logger: DarbLogger,
  ) {}

  get workerId(): string | null {
    return this.session && !this.session.over.aborted ? this.session.workerId : null;
  }

  get isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  /** Returns at once; joining goes on in the background, for as long as it takes. */
  start(): void {
    this.life ??= this.live();
  }

  /** No new jobs; waits for those that run, gives back what is not done in time. */
  async stop(): Promise<void> {
    this.stopping.abort(new Error('the worker is stopping'));
    if (this.heartbeat) this.heartbeat.isDraining = true;
    const told = this.heartbeat?.beat();
    await this.consumer?.pause();
    // Also a worker that has nothing to do says so, or jobs would send it work until its lease is over.
    if (told) await within(told, GOODBYE_MS);
    if (!(await within(this.runs.idle(), this.options.graceSeconds * 1_000))) {
      this.logger.warn(`${this.runs.count} jobs are not done in time and are given back`);
      this.runs.stopAll({ kind: 'release' });
      await within(this.runs.idle(), HAND_BACK_MS);
    }
    this.session?.end('the worker is stopping');
    await this.life;
  }

  private async live(): Promise<void> {
    const dead = await this.records.sweep().catch((error: Error) => {
      this.logger.warn(`Leftovers of dead workers stay for now: ${error.message}`);
      return [];
    });
    if (dead.length > 0) this.logger.log({ event: 'scratch_swept', workers: dead });
    while (!this.isStopping) await this.liveOneSession();
  }

  private async liveOneSession(): Promise<void> {
    const { joinToken, registration } = this.options;
    const { signal } = this.stopping;
    const request = { ...registration, managers: this.machine.reports };
    const joined = await register(this.jobs, request, joinToken, signal, this.logger).catch(() => null);
    // Stopped meanwhile: jobs hears nothing more of this worker and forgets it.
    if (joined === null || this.isStopping) return;
    this.jobs.token = joined.token;
    const session = new Session(joined.worker_id);
    this.session = session;
    await this.records.write(session.workerId);
    this.logger.log({ event: 'worker_joined', worker_id: session.workerId, slots: this.options.slots });
    const leave = await this.open(session, joined.heartbeat_seconds || HEARTBEAT_SECONDS);
    await aborted(session.over);
    if (!this.isStopping) this.logger.warn(`Joining anew: ${(session.over.reason as Error).message}`);
    // What still runs belongs to epochs that are over, or could not be given back in time.
    this.runs.stopAll({ kind: 'stale' });
    await within(this.runs.idle(), HAND_BACK_MS);
    await leave();
    await this.records.remove(session.workerId).catch(() => undefined);
  }

  /** Starts everything of a session; the answer takes it down. */
  private async open(session: Session, heartbeatSeconds: number): Promise<() => Promise<void>> {
    const { connection, prefix } = this.options.queue;
    const interval = heartbeatSeconds * 1_000;
    const heartbeat = new Heartbeat(this.jobs, this.runs, session, this.machine, interval, this.logger);
    heartbeat.start();
    this.heartbeat = heartbeat;
    const touch = setInterval(
      () => void this.records.touch(session.workerId).catch(() => undefined),
      RECORD_TOUCH_MS,
    );
    // The message only wakes: the heartbeat's answer says which epoch is meant and why it ends.
    const unsubscribe = await this.cancels.subscribe(session.workerId, (jobId) => {
      if (this.runs.has(jobId)) void heartbeat.beat();
    });
    const forgetMachine = this.machine.onChange(() => void heartbeat.beat());
    const handle = (delivery: Delivery) => this.take(session, delivery);
    const consumer = new Consumer(session, connection, prefix, this.options.slots, handle, this.logger);
    this.consumer = consumer;
    if (this.isStopping) await consumer.pause();
    return async () => {
      heartbeat.stop();
      forgetMachine();
      clearInterval(touch);
      unsubscribe();
      await consumer.close();
    };
  }

  private async take(session: Session, delivery: Delivery): Promise<void> {
    const claim = await this.claim(session, delivery);
    if (claim === null) return;
    const run = await this.create(session, claim);
    if (run === null) return;
    this.runs.add(run);
    if (this.isStopping) run.control.stop({ kind: 'release' });
    if (session.over.aborted) run.control.stop({ kind: 'stale' });
    try {
      await this.factory.execute(run);
    } finally {
      this.runs.remove(run);
    }
  }

  /** Null for an order that makes no sense here, for example with a pool's name that is no folder's name. */
  private async create(session: Session, claim: ClaimAnswer): Promise<JobRun | null> {
    try {
      return this.factory.create(session, claim, () => this.heartbeat?.soon());
    } catch (error) {
      this.logger.error(error as Error);
      const report = finishRequest(
        failed(null, () => toJobError(error)),
        {},
        0,
      );
      await this.jobs
        .finish(claim.work_order.job_id, claim.epoch, report, session.over)
        .catch(() => undefined);
      return null;
    }
  }

  /** Null when the delivery is not the current one any more, or the session ended meanwhile. */
  private async claim(session: Session, delivery: Delivery): Promise<ClaimAnswer | null> {
    const request = {
      worker_id: session.workerId,
      delivery_id: uuid(),
      dispatch_no: delivery.dispatch_no,
    };
    try {
      return await this.jobs.claim(delivery.job_id, request, session.over);
    } catch (error) {
      if (error instanceof JobsRefused) {
        this.logger.log({ event: 'delivery_dropped', job_id: delivery.job_id, code: error.code });
      } else if (!session.over.aborted) {
        this.logger.error(error as Error);
      }
      return null;
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Whether the work was done in time. */
async function within(work: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const isDone = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return isDone;
}
