import { mkdtemp, readdir, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workerQueueName } from '@darb/queue';
import { createLogger, parseConfig } from '@darb/service-kit/edge';
import { queuePrefix, valkey, waitFor } from '@darb/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Queue } from 'bullmq';
import { createApp } from '../src/boot.js';
import { WorkerConfig } from '../src/config.js';
import type { Machine } from '../src/machine/machine.js';
import { removeTree } from '../src/store/trees.js';
import { FakeJobs, type FakeJob } from './fake-jobs.js';

/** Generous: a busy machine is not a failed test. */
export const PATIENCE = { timeout: 30_000, interval: 20 };

/** One worker on a storage root of its own, with a real queue and a jobs service that the test plays. */
export class WorkerTrial {
  app: NestFastifyApplication | null = null;
  private readonly prefix = queuePrefix();
  private readonly queues: Queue[] = [];

  private constructor(
    readonly root: string,
    readonly jobs: FakeJobs,
  ) {}

  static async open(): Promise<WorkerTrial> {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'darb-worker-')));
    return new WorkerTrial(root, await FakeJobs.start());
  }

  /** Starts the worker as it really boots and answers its id once it has joined. */
  async start(
    machineFor: (config: WorkerConfig) => Promise<Machine>,
    settings: Record<string, string> = {},
  ): Promise<string> {
    const config = parseConfig(WorkerConfig, {
      DARB_LOG_LEVEL: 'silent',
      DARB_JOBS_URL: this.jobs.url,
      DARB_QUEUE_VALKEY_ADDR: valkey().addr,
      DARB_QUEUE_PREFIX: this.prefix,
      DARB_WORKER_JOIN_TOKEN: 'f81d4fae7dec11d0a76500a0c91e6bf6',
      DARB_STORAGE_ROOT: this.root,
      DARB_STORAGE_FREE_BYTES: '1',
      DARB_WORKER_GRACE_SECONDS: '0',
      ...settings,
    });
    const before = this.jobs.workers.length;
    this.app = await createApp(config, await machineFor(config), createLogger('worker', config));
    await this.app.init();
    await waitFor(() => this.jobs.workers.length > before, { timeoutMs: PATIENCE.timeout });
    return this.jobs.workers.at(-1)!.id;
  }

  async stop(): Promise<void> {
    await this.app?.close();
    this.app = null;
  }

  async close(): Promise<void> {
    await this.stop();
    await Promise.all(this.queues.map((queue) => queue.close()));
    await this.jobs.stop();
    await removeTree(this.root);
    const { unexpected } = this.jobs;
    if (unexpected.length > 0) throw new Error(`unexpected calls: ${unexpected.join(', ')}`);
  }

  /** What the dispatch of jobs does. */
  async deliver(workerId: string, job: FakeJob): Promise<void> {
    const [host, port] = valkey().addr.split(':');
    const connection = { host, port: Number(port) };
    const queue = new Queue(workerQueueName(workerId), { connection, prefix: this.prefix });
    this.queues.push(queue);
    await queue.add('delivery', { job_id: job.order.job_id, dispatch_no: job.dispatchNo });
  }

  async settled(job: FakeJob, status: FakeJob['status']): Promise<void> {
    await waitFor(() => job.status === status || isEnded(job), { timeoutMs: PATIENCE.timeout });
    if (job.status !== status) throw new Error(`${job.status}: ${JSON.stringify(job.finish?.error)}`);
  }

  /** Waits for a line of the job's log. */
  async says(job: FakeJob, text: string): Promise<void> {
    const isSaid = () => this.jobs.text(job).join('\n').includes(text);
    await waitFor(isSaid, { timeoutMs: PATIENCE.timeout });
  }

  environment(job: FakeJob): string {
    return join(this.root, 'environments', job.order.environment_id);
  }

  store(): Promise<string[]> {
    return readdir(join(this.root, 'pools', 'shared', 'store'));
  }

  async scratch(): Promise<string[]> {
    const folder = join(this.root, 'pools', 'shared', 'scratch');
    const workers = await readdir(folder).catch(() => []);
    return (await Promise.all(workers.map((id) => readdir(join(folder, id))))).flat();
  }
}

function isEnded(job: FakeJob): boolean {
  return ['completed', 'failed', 'cancelled'].includes(job.status);
}
