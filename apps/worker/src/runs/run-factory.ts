import { isStoreOrder } from '@darb/models';
import type { ClaimAnswer, LogChunkQuery } from '@darb/models';
import type { DarbLogger } from '@darb/service-kit/edge';
import type { JobsClient } from '../jobs/jobs.client.js';
import { JobsRefused } from '../jobs/jobs.errors.js';
import { ChunkSender } from '../logs/chunk-sender.js';
import { JobLog } from '../logs/job-log.js';
import { Redactor } from '../logs/redactor.js';
import { TailWriter, type Tail } from '../logs/tail-writer.js';
import type { Machine } from '../machine/machine.js';
import type { WorkerMetrics } from '../metrics/worker-metrics.js';
import { Publisher } from '../publish/publisher.js';
import type { WorkerRecords } from '../store/worker-records.js';
import type { Session } from '../session/session.js';
import { JobRun } from './job-run.js';
import { EnvironmentWork } from './environment-work.js';
import { StoreWork } from './store-work.js';
import { TreeBuilder } from './tree-builder.js';
import type { Work } from './work.js';

/** Puts a run together from what this worker has, and writes the one wide event of each. */
export class RunFactory {
  private readonly publisher: Publisher;
  private readonly trees: TreeBuilder;

  constructor(
    private readonly machine: Machine,
    private readonly jobs: JobsClient,
    private readonly records: WorkerRecords,
    private readonly tail: Tail,
    private readonly metrics: WorkerMetrics,
    private readonly freeBytesFloor: number,
    private readonly logger: DarbLogger,
  ) {
    this.publisher = new Publisher(machine.store);
    this.trees = new TreeBuilder(machine, jobs);
  }

  create(session: Session, claim: ClaimAnswer, onPhase: () => void): JobRun {
    const run = new JobRun(
      {
        jobs: this.jobs,
        store: this.machine.store,
        records: this.records,
        createWork: (each) => this.workOf(each),
        openLog: (each) => this.openLog(each),
        workerId: session.workerId,
        freeBytesFloor: this.freeBytesFloor,
        onPhase,
        onSilence: (each, error) => this.reportSilence(each, error),
      },
      claim,
    );
    return run;
  }

  async execute(run: JobRun): Promise<void> {
    const startedAt = performance.now();
    this.metrics.started();
    const outcome = await run.execute();
    const seconds = (performance.now() - startedAt) / 1_000;
    this.metrics.ended(run.order.type, outcome, seconds);
    this.logger.log({
      event: 'job_run',
      job_id: run.order.job_id,
      epoch: run.epoch,
      type: run.order.type,
      subject_type: run.order.subject.type,
      subject_id: run.order.subject.id,
      phase: run.order.phase,
      outcome,
      stopped_by: run.control.reason?.kind ?? null,
      log_lines: run.log.lastSeq,
      duration_ms: Math.round(seconds * 1_000),
      ...Object.fromEntries(Object.entries(run.timings).map(([phase, ms]) => [`${phase}_ms`, ms])),
    });
  }

  private workOf(run: JobRun): Work {
    const { machine, jobs, trees, publisher, records } = this;
    if (isStoreOrder(run.order)) {
      return new StoreWork(run, run.order, machine, jobs, trees, publisher, records);
    }
    return new EnvironmentWork(run, run.order, machine, trees, publisher);
  }

  private openLog(run: JobRun): JobLog {
    const { epoch, order, control } = run;
    const tail = new TailWriter(this.tail, order.job_id, epoch);
    const post = async (query: LogChunkQuery, body: Buffer) => {
      try {
        await this.jobs.logs(order.job_id, epoch, query, body, control.epochOver);
      } catch (error) {
        if (!(error instanceof JobsRefused) || error.isStale) {
          control.stop({ kind: 'stale' });
          throw error;
        }
        // Repeating won't help, and a job is worth more than a part of its log.
        this.logger.error({
          event: 'log_chunk_refused',
          job_id: order.job_id,
          epoch,
          ...query,
          code: error.code,
        });
      }
    };
    const chunks = new ChunkSender(epoch, order.limits.log_limit_bytes, post, (seq) => tail.trim(seq));
    return new JobLog(epoch, new Redactor(), tail, chunks);
  }

  private reportSilence(run: JobRun, error: unknown): void {
    const ids = { job_id: run.order.job_id, epoch: run.epoch };
    if (run.control.reason?.kind === 'stale') this.logger.warn({ event: 'epoch_over', ...ids });
    else this.logger.error({ event: 'run_broken', ...ids, err: error });
  }
}
