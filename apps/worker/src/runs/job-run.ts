import { mkdir } from 'node:fs/promises';
import { isStoreOrder, SHARED_POOL } from '@darb/models';
import type { ClaimAnswer, FinishAnswer, JobPhase, JobProgress, JobResult, WorkOrder } from '@darb/models';
import type { JobsClient } from '../jobs/jobs.client.js';
import { JobsRefused } from '../jobs/jobs.errors.js';
import { persist } from '../jobs/persist.js';
import type { JobLog } from '../logs/job-log.js';
import type { Store } from '../store/store.js';
import { removeTree } from '../store/trees.js';
import type { WorkerRecords } from '../store/worker-records.js';
import { shownDuration } from '../tools/shown.js';
import { failed, finishRequest, type RunResult } from './finish-request.js';
import { RunControl, Stopped } from './run-control.js';
import { toJobError } from './run-errors.js';
import { watchLimits } from './run-limits.js';
import { TreeNotWhole, type Committed, type Work } from './work.js';

/** How long a run whose epoch is over may still ask where `current` must point. */
const LAST_WORD_MS = 10_000;
/** A tree that is damaged again as soon as it was rebuilt is nothing that another try would mend. */
const MAX_REBUILDS = 2;
/** Giving space back works on a full disk. */
const FREES_SPACE: readonly string[] = ['delete', 'collect', 'verify'];

/** How a run ended, for the worker's own log and metrics. */
export type RunOutcome = 'completed' | 'failed' | 'cancelled' | 'retry' | 'released' | 'stale';

export interface RunParts {
  jobs: JobsClient;
  store: Store;
  records: Pick<WorkerRecords, 'noteBuild' | 'forgetBuild'>;
  /** What the order asks for. */
  createWork(run: JobRun): Work;
  openLog(run: JobRun): JobLog;
  workerId: string;
  freeBytesFloor: number;
  onPhase(): void;
  /** A run that ended without a report, for the worker's own log. */
  onSilence(run: JobRun, error: unknown): void;
}

/** One epoch of one job, from claim to the last report. */
export class JobRun {
  readonly control = new RunControl();
  readonly order: WorkOrder;
  readonly epoch: number;
  readonly log: JobLog;
  readonly scratch: string;
  readonly timings: Partial<Record<JobPhase, number>> = {};
  progress: JobProgress | null = null;
  private readonly work: Work;
  /** Trees that this run builds and that nobody else knows yet, by the name of their note; ours to delete. */
  private builtTrees = new Map<string, string>();

  constructor(
    private readonly parts: RunParts,
    claim: ClaimAnswer,
  ) {
    this.order = claim.work_order;
    this.epoch = claim.epoch;
    const pool = isStoreOrder(this.order) ? SHARED_POOL : this.order.pool;
    this.scratch = parts.store.scratch(pool, parts.workerId, this.order.job_id, this.epoch);
    this.log = parts.openLog(this);
    this.work = parts.createWork(this);
  }

  /** Never rejects: whatever happens ends as a report, or as silence when the epoch is over. */
  async execute(): Promise<RunOutcome> {
    try {
      return this.order.phase === 'publish_only'
        ? await this.publish(this.work.committed())
        : await this.runAndReport();
    } catch (error) {
      return await this.endBroken(error);
    } finally {
      await this.log.close().catch(() => undefined);
      await this.tidy().catch(() => undefined);
    }
  }

  /** Runs one phase: tells its progress and how long it took. */
  async phase<T>(phase: JobPhase, work: () => Promise<T>): Promise<T> {
    this.control.throwIfStopped();
    this.progress = { phase, done: null, total: null };
    this.parts.onPhase();
    const startedAt = performance.now();
    const result = await work();
    const durationMs = performance.now() - startedAt;
    this.timings[phase] = (this.timings[phase] ?? 0) + Math.round(durationMs);
    this.log.say(phase, `${phase} took ${shownDuration(durationMs)}`);
    return result;
  }

  /** Before the first file of a new tree: should this worker die, the next one deletes what it left. */
  async willBuild(artifactPath: string): Promise<void> {
    const note = `${this.order.job_id}-${this.epoch}-${this.builtTrees.size}`;
    await this.parts.records.noteBuild(this.parts.workerId, note, artifactPath);
    this.builtTrees.set(note, this.parts.store.tree(artifactPath));
  }

  private async runAndReport(): Promise<RunOutcome> {
    const result = await this.perform(() => this.work.perform());
    const reason = this.control.reason;
    if (reason?.kind === 'stale') throw new Stopped(reason);
    if (reason?.kind === 'release') return this.release();
    if (result.outcome !== 'succeeded' && result.error) {
      const phase = this.progress?.phase ?? null;
      this.log.say(phase, `${result.outcome}: ${result.error.message} (${result.error.code})`);
    }
    const answer = await this.report(result);
    return answer.state === 'publish' ? this.publish(answer) : outcomeOf(answer);
  }

  private async perform(work: () => Promise<RunResult>): Promise<RunResult> {
    try {
      if (!FREES_SPACE.includes(this.order.type)) {
        await mkdir(this.scratch, { recursive: true, mode: 0o700 });
      }
      const result = await this.withinLimits(work);
      this.control.throwIfStopped();
      return result;
    } catch (error) {
      return failed(this.control.reason, () => toJobError(error));
    }
  }

  private async withinLimits<T>(work: () => Promise<T>): Promise<T> {
    const { store, freeBytesFloor } = this.parts;
    const floor = FREES_SPACE.includes(this.order.type) ? 0 : freeBytesFloor;
    const stopWatching = watchLimits(this, store, floor);
    try {
      return await work();
    } finally {
      stopWatching();
    }
  }

  /** Sends the last lines, then the outcome. */
  private async report(result: RunResult): Promise<FinishAnswer> {
    await this.log.flush();
    const held = this.builtTrees;
    if (result.outcome === 'succeeded') {
      // What is sent as succeeded may be committed although no answer arrives; only an answer may free the trees.
      this.builtTrees = new Map();
      for (const note of held.keys()) await this.parts.records.forgetBuild(this.parts.workerId, note);
    }
    const answer = await this.finish(result);
    const isOurs = (tree: string) =>
      answer.artifact_path !== null && tree !== this.parts.store.tree(answer.artifact_path);
    // Another builder was first: its tree counts. From here on ours may be a published one, never to be deleted.
    if (answer.state === 'publish') this.builtTrees = new Map([...held].filter(([, tree]) => isOurs(tree)));
    else if (result.outcome !== 'succeeded' || answer.status === 'cancelled') this.builtTrees = held;
    return answer;
  }

  /** What jobs does not take is a fault of ours, and is reported as one instead of being kept. */
  private async finish(result: RunResult): Promise<FinishAnswer> {
    const { job_id: jobId } = this.order;
    const send = (each: RunResult) => {
      const request = finishRequest(each, this.timings, this.log.lastSeq);
      return this.parts.jobs.finish(jobId, this.epoch, request, this.control.epochOver);
    };
    try {
      return await send(result);
    } catch (error) {
      if (!(error instanceof JobsRefused) || error.isStale) throw error;
      return send(failed(null, () => toJobError(error)));
    }
  }

  /** Makes visible what is committed, and builds its tree again where it is gone. */
  private async publish(committed: Committed): Promise<RunOutcome> {
    this.progress = { phase: 'publish', done: null, total: null };
    this.log.say('publish', publishSentence(this.order.type, committed.revision));
    let current = committed;
    for (let rebuilds = 0; ; rebuilds++) {
      try {
        return await this.publishOnce(current);
      } catch (error) {
        if (!(error instanceof TreeNotWhole) || rebuilds >= MAX_REBUILDS) throw error;
        this.log.say('publish', `${error.message} It is built again first.`);
        const answer = await this.report(await this.perform(() => this.work.rebuild()));
        if (answer.state !== 'publish') return outcomeOf(answer);
        current = answer;
      }
    }
  }

  private async publishOnce(committed: Committed): Promise<RunOutcome> {
    // Together: the last chunk must be there before `published`, but need not wait for the links.
    const [links, lines] = await Promise.allSettled([this.makePublic(committed), this.log.flush()]);
    if (links.status === 'rejected') throw links.reason;
    try {
      if (lines.status === 'rejected') throw lines.reason;
      await this.log.flush();
      await this.confirm(links.value, this.control.epochOver);
      return 'completed';
    } catch (error) {
      // The epoch was over before the links were moved: they may hide what another worker published meanwhile.
      await this.confirm(links.value, AbortSignal.timeout(LAST_WORD_MS)).catch(() => undefined);
      throw error;
    }
  }

  private async makePublic(committed: Committed): Promise<JobResult | null> {
    return persist(() => this.work.publish(committed), {
      over: this.control.epochOver,
      isTransient: (error) => !(error instanceof TreeNotWhole || error instanceof Stopped),
      onRetry: (error, attempt) => {
        if (attempt === 1) this.log.say('publish', `cannot publish yet: ${(error as Error).message}`);
      },
    });
  }

  /** Tells jobs that the links are moved, and moves them on to whatever it says is the highest revision. */
  private async confirm(result: JobResult | null, over: AbortSignal): Promise<void> {
    const [answer] = await Promise.allSettled([
      this.parts.jobs.published(this.order.job_id, this.epoch, { result }, over),
    ]);
    const refusal: unknown = answer.status === 'rejected' ? answer.reason : null;
    const refused = refusal instanceof JobsRefused ? refusal.highest : null;
    const highest = answer.status === 'fulfilled' ? answer.value.highest : refused;
    if (highest) await this.work.correct(highest);
    if (answer.status === 'rejected') throw refusal;
  }

  private async release(): Promise<RunOutcome> {
    this.log.say(this.progress?.phase ?? null, 'the worker stops; the job goes back to the queue');
    await this.log.flush();
    const request = { reason: 'The worker was asked to stop.' };
    await this.parts.jobs.release(this.order.job_id, this.epoch, request, this.control.epochOver);
    return 'released';
  }

  /** Nothing may end in silence: what broke the run is reported once more, unless the epoch is over anyway. */
  private async endBroken(error: unknown): Promise<RunOutcome> {
    const reason = this.control.reason;
    const isOver = reason?.kind === 'stale' || (error instanceof JobsRefused && error.isStale);
    if (!isOver && reason?.kind === 'release') {
      const released = await this.release().catch(() => null);
      if (released) return released;
    }
    if (!isOver) {
      const request = finishRequest(
        failed(reason, () => toJobError(error)),
        this.timings,
        this.log.lastSeq,
      );
      const answer = await this.parts.jobs
        .finish(this.order.job_id, this.epoch, request, this.control.epochOver)
        .catch(() => null);
      this.parts.onSilence(this, error);
      if (answer) return outcomeOf(answer);
    }
    this.control.stop({ kind: 'stale' });
    this.log.abandon(error as Error);
    if (isOver) this.parts.onSilence(this, error);
    return 'stale';
  }

  /** What fails here is found again by the sweep of the next worker that starts. */
  private async tidy(): Promise<void> {
    await removeTree(this.scratch);
    for (const [note, tree] of this.builtTrees) {
      await removeTree(tree);
      await this.parts.records.forgetBuild(this.parts.workerId, note);
    }
  }
}

function outcomeOf(answer: FinishAnswer): RunOutcome {
  if (answer.state === 'retry') return 'retry';
  return answer.status === 'completed' || answer.status === 'cancelled' ? answer.status : 'failed';
}

function publishSentence(type: WorkOrder['type'], revision: number | null): string {
  if (type === 'delete') return 'removing the environment';
  return revision === null ? 'finishing' : `publishing revision ${revision}`;
}
