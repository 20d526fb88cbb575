import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type {
  ArtifactAnswer,
  ArtifactRequest,
  ClaimRequest,
  FinishAnswer,
  FinishRequest,
  HeartbeatRequest,
  JobPhase,
  LogGap,
  LogLine,
  RegisterWorkerRequest,
  EnvironmentOrder,
} from '@darb/models';
import { v4 as uuid } from 'uuid';

export interface FakeJob {
  order: EnvironmentOrder;
  dispatchNo: number;
  epoch: number;
  status: 'pending' | 'running' | 'completed' | 'failed' | 'cancelled';
  isCancelAsked: boolean;
  /** A cancel is asked for as soon as the worker reports this phase. */
  cancelIn: JobPhase | null;
  finish: FinishRequest | null;
  finishAnswer: FinishAnswer | null;
  log: (LogLine | LogGap)[];
  firstSeqs: Set<number>;
  releases: number;
}

type Reply = { status: number; body?: unknown };

const STALE: Reply = { status: 409, body: { code: 'stale_epoch', detail: 'This claim is over.' } };

export function createOf(packages: string[]): EnvironmentOrder['change'] {
  return { type: 'create', python: null, packages, pypi_packages: [], manifest: null, lockfile: null };
}

/** What a publish_only order says of its tree, when nothing is known of what it was built from. */
export function publishOf(path: string, revision: number): EnvironmentOrder['publish'] {
  return { revision, digest: '0'.repeat(64), copy_id: uuid(), path, inputs: null };
}

/**
 * The worker's side of the jobs service, in memory, for tests of the worker alone: it keeps protocol.ts and its
 * idempotency, refuses what it does not know, and can lose answers. The real path is tried in e2e/.
 */
export class FakeJobs {
  readonly jobs = new Map<string, FakeJob>();
  readonly workers: (RegisterWorkerRequest & { id: string })[] = [];
  readonly ready = new Map<string, ArtifactAnswer>();
  readonly published: string[] = [];
  /** Copies that workers found damaged. */
  readonly damaged: string[] = [];
  readonly unexpected: string[] = [];
  readonly forgotten = new Set<string>();
  drainings = 0;
  /** Called for every request before it is handled; its answer is given instead. `drop` handles it and loses the answer. */
  fault: (path: string) => Reply | 'drop' | null = () => null;
  private readonly claims = new Map<string, Reply>();
  private server: Server;

  static async start(): Promise<FakeJobs> {
    const fake = new FakeJobs();
    fake.server = createServer((request, response) => void fake.answer(request, response));
    await new Promise<void>((resolve) => fake.server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** A job that waits for the dispatch that the test makes. */
  add(order: Partial<EnvironmentOrder> = {}): FakeJob {
    const environmentId = order.environment_id ?? uuid();
    const job: FakeJob = {
      order: {
        job_id: uuid(),
        type: 'create',
        subject: { type: 'environment', id: environmentId },
        change: createOf([]),
        environment_id: environmentId,
        environment_name: 'demo',
        package_manager: 'uv',
        python: null,
        channels: [],
        platforms: [],
        base_revision: null,
        manifest: null,
        lockfile: null,
        pool: 'shared',
        limits: { timeout_seconds: 600, idle_timeout_seconds: 600, log_limit_bytes: 1_000_000 },
        index_credentials: [],
        phase: 'run',
        publish: null,
        ...order,
        ...(order.change && order.type === undefined ? { type: order.change.type } : {}),
      },
      dispatchNo: 1,
      epoch: 0,
      status: 'pending',
      isCancelAsked: false,
      cancelIn: null,
      finish: null,
      finishAnswer: null,
      log: [],
      firstSeqs: new Set(),
      releases: 0,
    };
    this.jobs.set(job.order.job_id, job);
    return job;
  }

  /** Text of a job's log, one line each. */
  text(job: FakeJob): string[] {
    return job.log.map((line) => ('text' in line ? line.text : `gap ${line.from}-${line.to}`));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    const path = request.url ?? '';
    const fault = this.fault(path);
    const reply = fault === null || fault === 'drop' ? this.handle(path, body) : fault;
    if (fault === 'drop') {
      request.socket.destroy();
      return;
    }
    response.writeHead(reply.status, { 'content-type': 'application/json' });
    response.end(reply.body === undefined ? '' : JSON.stringify(reply.body));
  }

  private handle(url: string, body: Buffer): Reply {
    const { pathname, searchParams } = new URL(url, 'http://jobs');
    const parts = pathname.split('/').slice(2);
    if (parts[0] === 'workers' && parts.length === 1) return this.register(json(body));
    if (parts[0] === 'workers' && parts[2] === 'heartbeat') return this.beat(parts[1]!, json(body));
    const job = this.jobs.get(parts[1] ?? '');
    if (parts[0] !== 'jobs' || !job) return this.refuse(pathname);
    if (parts[2] === 'claim') return this.claim(job, json(body));
    if (parts[2] === 'epochs') return this.epoch(job, Number(parts[3]), parts[4]!, searchParams, body);
    return this.refuse(pathname);
  }

  private register(request: RegisterWorkerRequest): Reply {
    const id = uuid();
    this.workers.push({ ...request, id });
    return {
      status: 201,
      body: { worker_id: id, token: `token-${id}`, expires_in: 600, heartbeat_seconds: 0.1 },
    };
  }

  private beat(workerId: string, { jobs, draining }: HeartbeatRequest): Reply {
    if (draining) this.drainings++;
    const answers = jobs.map(({ id, epoch, progress }) => {
      const job = this.jobs.get(id);
      if (job?.cancelIn && progress?.phase === job.cancelIn) job.isCancelAsked = true;
      const stale = job?.epoch !== epoch || job.status !== 'running';
      return { id, epoch, cancel: !stale && (job?.isCancelAsked ?? false), cancel_code: null, stale };
    });
    const known = !this.forgotten.has(workerId);
    return { status: 200, body: { token: `token-${workerId}-next`, expires_in: 600, jobs: answers, known } };
  }

  private claim(job: FakeJob, request: ClaimRequest): Reply {
    const repeated = this.claims.get(request.delivery_id);
    if (repeated) return repeated;
    if (job.status !== 'pending' || request.dispatch_no !== job.dispatchNo) {
      return { status: 409, body: { code: 'delivery_superseded', detail: 'Drop it.' } };
    }
    job.status = 'running';
    job.epoch++;
    const reply = { status: 200, body: { epoch: job.epoch, work_order: job.order } };
    this.claims.set(request.delivery_id, reply);
    return reply;
  }

  private epoch(job: FakeJob, epoch: number, action: string, query: URLSearchParams, body: Buffer): Reply {
    if (epoch !== job.epoch) return STALE;
    if (action === 'logs') return this.logs(job, query, body);
    if (action === 'artifact') return this.artifact(json(body));
    if (action === 'finish') return this.finish(job, json(body));
    if (action === 'published') {
      job.status = 'completed';
      this.published.push(job.order.job_id);
      const { revision, artifact_path: path } = job.finishAnswer ?? {
        revision: job.order.publish?.revision ?? null,
        artifact_path: job.order.publish?.path ?? null,
      };
      const highest = revision === null || path === null ? null : { revision, artifact_path: path };
      return { status: 200, body: { status: 'completed', highest } };
    }
    if (action === 'release') {
      job.status = 'pending';
      job.dispatchNo++;
      job.releases++;
      return { status: 204 };
    }
    return this.refuse(action);
  }

  private logs(job: FakeJob, query: URLSearchParams, body: Buffer): Reply {
    const first = Number(query.get('first_seq'));
    if (job.firstSeqs.has(first)) return { status: 204 };
    job.firstSeqs.add(first);
    const lines = gunzipSync(body).toString().trimEnd().split('\n');
    job.log.push(...lines.map((line) => JSON.parse(line) as LogLine | LogGap));
    return { status: 204 };
  }

  private artifact({ digest, damaged_copy_id: damaged }: ArtifactRequest): Reply {
    const known = this.ready.get(digest);
    if (damaged !== undefined) this.damaged.push(damaged);
    if (known && !this.damaged.includes(known.copy_id)) return { status: 200, body: known };
    const path = `pools/shared/store/uv-${digest.slice(0, 16)}-${uuid().slice(-12)}`;
    this.builtPath = path;
    return { status: 200, body: { state: 'build', copy_id: uuid(), path } };
  }

  private finish(job: FakeJob, request: FinishRequest): Reply {
    if (job.finishAnswer) return { status: 200, body: job.finishAnswer };
    job.finish = request;
    const nothing = { revision: null, artifact_path: null };
    if (request.outcome !== 'succeeded' || job.isCancelAsked) {
      job.status = request.outcome === 'failed' ? 'failed' : 'cancelled';
      job.finishAnswer = { state: 'done', status: job.status, ...nothing };
    } else {
      const isRead = job.order.type === 'plan';
      if (isRead) job.status = 'completed';
      job.finishAnswer = isRead
        ? { state: 'done', status: 'completed', ...nothing }
        : { state: 'publish', status: 'running', ...this.commit(job, request) };
    }
    return { status: 200, body: job.finishAnswer };
  }

  /** Overwritten by tests that let another builder be first. */
  commit: (job: FakeJob, request: FinishRequest) => Pick<FinishAnswer, 'revision' | 'artifact_path'> = (
    job,
    request,
  ) =>
    request.copy_id === null
      ? { revision: null, artifact_path: null }
      : { revision: (job.order.base_revision ?? 0) + 1, artifact_path: this.builtPath };

  /** Path of the last artifact that was to be built, relative to the root. */
  builtPath: string | null = null;

  private refuse(what: string): Reply {
    this.unexpected.push(what);
    return { status: 404, body: { code: 'route_not_found', detail: what } };
  }
}

function json<T>(body: Buffer): T {
  return JSON.parse(body.toString()) as T;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
