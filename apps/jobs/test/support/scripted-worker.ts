import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type {
  ClaimAnswer,
  FinishAnswer,
  FinishRequest,
  HeartbeatAnswer,
  LogGap,
  LogLine,
  PublishedAnswer,
  RegisterWorkerAnswer,
  RegisterWorkerRequest,
} from '@darb/models';
import { connectValkey, LogTail, valkeyOptionsFromConfig, workerQueueName } from '@darb/queue';
import type { Delivery } from '@darb/queue';
import { Worker } from 'bullmq';
import type { Redis } from 'ioredis';

/** What a worker does with a claim; it ends like a worker that has nothing more to do with the job. */
export type Script = (run: ScriptedRun) => Promise<void>;

export interface Answer<T> {
  status: number;
  body: T;
}

/** Speaks the protocol of workers, and nothing else: no tool, no files. */
export class ScriptedWorker {
  id: string;
  readonly claims: ClaimAnswer[] = [];
  readonly claimStatuses: number[] = [];
  readonly held = new Map<string, number>();
  readonly cancels = new Set<string>();
  readonly tail: LogTail;
  heartbeatAnswer: HeartbeatAnswer | null = null;
  private token: string;
  private readonly redis: Redis;
  private queue: Worker<Delivery> | null = null;
  private heartbeats: NodeJS.Timeout | null = null;

  constructor(
    private readonly url: string,
    private readonly joinToken: string,
    private readonly valkeyAddr: string,
    private readonly prefix: string,
    private readonly script: Script,
  ) {
    this.redis = connectValkey(valkeyOptionsFromConfig({ addr: valkeyAddr }), { patience: 'fail-fast' });
    this.tail = new LogTail(this.redis, prefix);
  }

  async start(slots: number): Promise<void> {
    const body: RegisterWorkerRequest = {
      name: 'scripted',
      store: { id: '018f0000-0000-7000-8000-000000000001', root: '/store' },
      platform: 'linux-64',
      libc: 'glibc 2.36',
      managers: [
        { type: 'uv', available: true, version: '0.13.8', path: '/uv', reason: null, interpreters: [] },
      ],
      slots,
      labels: {},
      sandbox: { mode: 'off', reason: 'scripted', limits: [] },
      version: '0.1.0',
    };
    const answer = await this.post<RegisterWorkerAnswer>('/internal/workers', body, this.joinToken);
    if (answer.status !== 201) throw new Error(`join: ${answer.status} ${JSON.stringify(answer.body)}`);
    this.id = answer.body.worker_id;
    this.token = answer.body.token;
    this.heartbeats = setInterval(() => void this.heartbeat().catch(() => undefined), 500);
    this.queue = new Worker<Delivery>(workerQueueName(this.id), ({ data }) => this.take(data), {
      connection: connectValkey(valkeyOptionsFromConfig({ addr: this.valkeyAddr })),
      prefix: this.prefix,
      concurrency: slots,
    });
    this.queue.on('error', () => undefined);
    await this.queue.waitUntilReady();
  }

  /** As if by kill -9: it says nothing any more and takes nothing more. */
  async kill(): Promise<void> {
    if (this.heartbeats) clearInterval(this.heartbeats);
    this.heartbeats = null;
    await this.queue?.close(true);
    this.queue = null;
  }

  /** Says goodbye as a worker does on SIGTERM, so that it gets no more jobs. */
  async stop(): Promise<void> {
    if (this.heartbeats) await this.heartbeat(true).catch(() => undefined);
    await this.kill();
    this.redis.disconnect();
  }

  async heartbeat(draining = false): Promise<HeartbeatAnswer> {
    const jobs = [...this.held].map(([id, epoch]) => ({ id, epoch, progress: null }));
    const { body } = await this.post<HeartbeatAnswer>(`/internal/workers/${this.id}/heartbeat`, {
      jobs,
      draining,
      space: { free_bytes: 1_000, total_bytes: 2_000 },
    });
    this.heartbeatAnswer = body;
    for (const job of body.jobs ?? []) if (job.cancel) this.cancels.add(job.id);
    return body;
  }

  async claim(delivery: Delivery, deliveryId: string = randomUUID()): Promise<Answer<ClaimAnswer>> {
    const answer = await this.post<ClaimAnswer>(`/internal/jobs/${delivery.job_id}/claim`, {
      worker_id: this.id,
      delivery_id: deliveryId,
      dispatch_no: delivery.dispatch_no,
    });
    this.claimStatuses.push(answer.status);
    return answer;
  }

  async post<T>(path: string, body: unknown, token = this.token): Promise<Answer<T>> {
    const isBuffer = Buffer.isBuffer(body);
    const response = await fetch(`${this.url}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': isBuffer ? 'application/gzip' : 'application/json',
      },
      body: isBuffer ? new Uint8Array(body) : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: (text ? JSON.parse(text) : null) as T };
  }

  private async take(delivery: Delivery): Promise<void> {
    const { status, body } = await this.claim(delivery);
    if (status !== 200) return;
    this.claims.push(body);
    this.held.set(delivery.job_id, body.epoch);
    try {
      await this.script(new ScriptedRun(this, body));
    } finally {
      this.held.delete(delivery.job_id);
    }
  }
}

/** One claimed epoch. */
export class ScriptedRun {
  seq = 0;

  constructor(
    readonly worker: ScriptedWorker,
    readonly claim: ClaimAnswer,
  ) {}

  get jobId(): string {
    return this.claim.work_order.job_id;
  }

  lines(texts: string[]): LogLine[] {
    return texts.map((text) => ({
      seq: ++this.seq,
      epoch: this.claim.epoch,
      time: new Date().toISOString(),
      stream: 'stdout',
      phase: 'install',
      text,
    }));
  }

  /** To the live tail only, as in the moment before a chunk is sent. */
  async sayLive(lines: LogLine[]): Promise<void> {
    await this.worker.tail.append(this.jobId, this.claim.epoch, lines);
  }

  store(records: (LogLine | LogGap)[]): Promise<Answer<{ code: string } | null>> {
    const [first, last] = [records[0]!, records.at(-1)!];
    const query = new URLSearchParams({
      first_seq: String('text' in first ? first.seq : first.from),
      last_seq: String('text' in last ? last.seq : last.to),
      lines: String(records.length),
      bytes: '0',
    });
    const body = gzipSync(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    return this.report(`logs?${query}`, body);
  }

  async say(...texts: string[]): Promise<void> {
    const lines = this.lines(texts);
    await this.sayLive(lines);
    await this.store(lines);
  }

  report<T>(what: string, body: unknown = {}): Promise<Answer<T>> {
    return this.worker.post<T>(`/internal/jobs/${this.jobId}/epochs/${this.claim.epoch}/${what}`, body);
  }

  finish(request: Partial<FinishRequest>): Promise<Answer<FinishAnswer>> {
    const whole: FinishRequest = {
      outcome: 'succeeded',
      error: null,
      manifest: null,
      lockfile: null,
      digest: null,
      packages: [],
      copy_id: null,
      inputs: null,
      warnings: [],
      result: null,
      size_bytes: null,
      file_count: null,
      python_version: null,
      tool_version: null,
      timings: {},
      last_seq: this.seq,
      ...request,
    };
    return this.report('finish', whole);
  }

  /** The whole way of a job that makes a revision. */
  async succeed(digest = 'a'.repeat(64)): Promise<PublishedAnswer> {
    const artifact = await this.report<{ copy_id: string }>('artifact', { digest });
    await this.finish({
      manifest: '[project]',
      lockfile: 'version = 1',
      digest,
      copy_id: artifact.body.copy_id,
      size_bytes: 1,
      file_count: 1,
      tool_version: '0.13.8',
    });
    return (await this.report<PublishedAnswer>('published')).body;
  }
}
