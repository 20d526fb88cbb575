import { mkdir } from 'node:fs/promises';
import type { ClaimAnswer, FinishAnswer, JobPhase, JobProgress, WorkOrder } from '@darb/models';
import type { JobsClient } from '../jobs/jobs.client.js';
import { JobsRefused } from '../jobs/jobs.errors.js';
import { persist } from '../jobs/persist.js';
import type { JobLog } from '../logs/job-log.js';
import type { Publisher } from '../publish/publisher.js';
import { removeTree } from '../store/trees.js';
import { shownDuration } from '../tools/shown.js';
import { failed, finishRequest, type RunResult } from './finish-request.js';
import { RunControl, Stopped } from './run-control.js';
import { watchLimits } from './run-limits.js';
import { toJobError } from './run-errors.js';
import type { Store } from '../store/store.js';
import type { WorkerRecords } from '../store/worker-records.js';

/** How long a run whose epoch is over may still ask where `current` must point. */
const LAST_WORD_MS = 10_000;

/** How a run ended, for the worker's own log and metrics. */
export type RunOutcome = 'completed' | 'failed' | 'cancelled' | 'retry' | 'released' | 'stale';

export interface RunParts {
  jobs: JobsClient;
  store: Store;
  publisher: Publisher;
  records: Pick<WorkerRecords, 'noteBuild' | 'forgetBuild'>;
  /** Does the work of the order; everything it changes lies in scratch and in the tree that it reports. */
  perform(run: JobRun): Promise<RunResult>;
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
  /** The tree that this run builds and that nobody else knows yet; ours to delete. */
  private builtTree: string | null = null;

  constructor(
    private readonly parts: RunParts,
    claim: ClaimAnswer,
  ) {
    this.order = claim.work_order;
    this.epoch = claim.epoch;
    this.scratch = parts.store.scratch(this.order.pool, parts.workerId, this.order.job_id, this.epoch);
    this.log = parts.openLog(this);
  }

  /** Never rejects: whatever happens ends as a report, or as silence when the epoch is over. */
  async execute(): Promise<RunOutcome> {
    try {
      if (this.order.phase === 'publish_only') {
        return await this.publish(this.order.revision, this.order.artifact_path);
      }
      return await this.runAndReport();
    } catch (error) {
      // Only a dead epoch gets here (or a bug): nobody would listen to a report.
      this.control.stop({ kind: 'stale' });
      this.log.abandon(error as Error);
      this.parts.onSilence(this, error);
      return 'stale';
    } finally {
      await this.log.close();
      await this.tidy().catch(() => undefined);
    }
  }

  /** What fails here is found again by the sweep of the next worker that starts. */
  private async tidy(): Promise<void> {
    await removeTree(this.scratch);
    if (this.builtTree !== null) await removeTree(this.builtTree);
    await this.parts.records.forgetBuild(this.parts.workerId, this.buildName);
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
    await this.parts.records.noteBuild(this.parts.workerId, this.buildName, artifactPath);
    this.builtTree = this.parts.store.tree(artifactPath);
  }

  private get buildName(): string {
    return `${this.order.job_id}-${this.epoch}`;
  }

  private async runAndReport(): Promise<RunOutcome> {
    const result = await this.performWithinLimits();
    const reason = this.control.reason;
    if (reason?.kind === 'stale') throw new Stopped(reason);
    if (reason?.kind === 'release') return this.release();
    if (result.outcome !== 'succeeded' && result.error) {
      const phase = this.progress?.phase ?? null;
      this.log.say(phase, `${result.outcome}: ${result.error.message} (${result.error.code})`);
    }
    await this.log.flush();
    const answer = await this.finish(result);
    if (answer.state !== 'publish') return answer.state === 'retry' ? 'retry' : outcomeOf(answer);
    // From here on the tree may be a published one: never ours to delete, unless another builder was first.
    const ours = this.builtTree;
    this.builtTree = null;
    const isAdopted = answer.artifact_path !== null && ours !== this.parts.store.tree(answer.artifact_path);
    const outcome = await this.publish(answer.revision, answer.artifact_path);
    if (ours !== null && isAdopted) this.builtTree = ours;
    return outcome;
  }

  private async performWithinLimits(): Promise<RunResult> {
    const { store, freeBytesFloor } = this.parts;
    const stopWatching = watchLimits(this.control, store, freeBytesFloor, this.order.limits.timeout_seconds);
    try {
      await mkdir(this.scratch, { recursive: true, mode: 0o700 });
      const result = await this.parts.perform(this);
      this.control.throwIfStopped();
      return result;
    } catch (error) {
      return failed(this.control.reason, () => toJobError(error));
    } finally {
      stopWatching();
    }
  }

  private async finish(result: RunResult): Promise<FinishAnswer> {
    const { jobs, records, workerId } = this.parts;
    const { job_id: jobId } = this.order;
    const request = finishRequest(result, this.timings, this.log.lastSeq);
    // What is sent as succeeded may be committed although no answer arrives; only an answer may free the tree.
    const held = this.builtTree;
    if (result.outcome === 'succeeded') {
      this.builtTree = null;
      await records.forgetBuild(workerId, this.buildName);
    }
    try {
      const answer = await jobs.finish(jobId, this.epoch, request, this.control.epochOver);
      this.builtTree = held;
      return answer;
    } catch (error) {
      if (!(error instanceof JobsRefused) || error.isStale || result.outcome !== 'succeeded') throw error;
      this.builtTree = held;
      const refused = failed(null, () => toJobError(error));
      const again = finishRequest(refused, this.timings, this.log.lastSeq);
      return jobs.finish(jobId, this.epoch, again, this.control.epochOver);
    }
  }

  /** Repeated until it works: a job past finish can only become completed. */
  private async publish(revision: number | null, artifactPath: string | null): Promise<RunOutcome> {
    this.progress = { phase: 'publish', done: null, total: null };
    this.log.say('publish', publishSentence(this.order.type, revision));
    // Together: the last chunk must be there before `published`, but need not wait for the links.
    const [links, lines] = await Promise.allSettled([
      this.makePublic(revision, artifactPath),
      this.log.flush(),
    ]);
    if (links.status === 'rejected') throw links.reason;
    try {
      if (lines.status === 'rejected') throw lines.reason;
      await this.log.flush();
      await this.confirm(this.control.epochOver);
      return 'completed';
    } catch (error) {
      // The epoch was over before the links were moved: they may hide what another worker published meanwhile.
      await this.confirm(AbortSignal.timeout(LAST_WORD_MS)).catch(() => undefined);
      throw error;
    }
  }

  /** Tells jobs that the links are moved, and moves them on to whatever it says is the highest revision. */
  private async confirm(over: AbortSignal): Promise<void> {
    const { jobs, publisher } = this.parts;
    const { environment_id: environmentId, job_id: jobId } = this.order;
    const [answer] = await Promise.allSettled([jobs.published(jobId, this.epoch, over)]);
    const refusal: unknown = answer.status === 'rejected' ? answer.reason : null;
    const refused = refusal instanceof JobsRefused ? refusal.highest : null;
    const highest = answer.status === 'fulfilled' ? answer.value.highest : refused;
    if (highest) await publisher.publish(environmentId, highest.revision, highest.artifact_path);
    if (answer.status === 'rejected') throw refusal;
  }

  private async makePublic(revision: number | null, artifactPath: string | null): Promise<void> {
    const { publisher } = this.parts;
    const { environment_id: environmentId, type } = this.order;
    const work = async () => {
      if (type === 'delete') await publisher.remove(environmentId);
      else if (revision !== null && artifactPath !== null) {
        await publisher.publish(environmentId, revision, artifactPath);
      }
    };
    await persist(work, {
      over: this.control.epochOver,
      isTransient: () => true,
      onRetry: (error, attempt) => {
        if (attempt === 1) this.log.say('publish', `cannot publish yet: ${(error as Error).message}`);
      },
    });
  }

  private async release(): Promise<RunOutcome> {
    this.log.say(this.progress?.phase ?? null, 'the worker stops; the job goes back to the queue');
    await this.log.flush();
    const request = { reason: 'The worker was asked to stop.' };
    await this.parts.jobs.release(this.order.job_id, this.epoch, request, this.control.epochOver);
    return 'released';
  }
}

function outcomeOf(answer: FinishAnswer): RunOutcome {
  return answer.status === 'cancelled' ? 'cancelled' : 'failed';
}

function publishSentence(type: WorkOrder['type'], revision: number | null): string {
  if (type === 'delete') return 'removing the environment';
  return revision === null ? 'done' : `publishing revision ${revision}`;
}
