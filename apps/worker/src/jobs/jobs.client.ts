import type {
  ArtifactAnswer,
  ArtifactRequest,
  ClaimAnswer,
  ClaimRequest,
  FinishAnswer,
  FinishRequest,
  HeartbeatAnswer,
  HeartbeatRequest,
  LogChunkQuery,
  PublishedAnswer,
  PublishedRequest,
  RegisterWorkerAnswer,
  RegisterWorkerRequest,
  ReleaseRequest,
  TreeAnswer,
} from '@darb/models';
import { JobsRefused, JobsUnavailable } from './jobs.errors.js';
import { persist } from './persist.js';

const TIMEOUT_MS = 15_000;
const HEARTBEAT_TIMEOUT_MS = 5_000;
/** No call is repeated without end; whoever waits for its answer has another way to find out by then. */
const GIVE_UP_AFTER_MS = 30 * 60_000;
/** Answers that say "not now"; 401 too: the next heartbeat brings a fresh token, or ends the session. */
const TRANSIENT = new Set([401, 408, 425, 429, 500, 502, 503, 504]);

interface Call {
  method?: string;
  json?: unknown;
  body?: Buffer;
  contentType?: string;
  token: string;
  timeoutMs?: number;
}

/**
 * All calls of a worker to the jobs service. Calls that report on an epoch are repeated, with backoff, until they
 * are answered, `over` aborts, or half an hour has passed: each is idempotent per (job, epoch), a claim per delivery id.
 * They throw JobsRefused for an answer that repeating won't change.
 */
export class JobsClient {
  /** Set by the session; every attempt reads it anew, because it changes while a call is being repeated. */
  token = '';

  constructor(private readonly baseUrl: string) {}

  /** One attempt; the caller decides about another. */
  register(request: RegisterWorkerRequest, joinToken: string): Promise<RegisterWorkerAnswer> {
    return this.call('/internal/workers', { json: request, token: joinToken });
  }

  /** One attempt: the next heartbeat is the repetition. */
  heartbeat(workerId: string, request: HeartbeatRequest): Promise<HeartbeatAnswer> {
    const path = `/internal/workers/${encodeURIComponent(workerId)}/heartbeat`;
    return this.call(path, { json: request, token: this.token, timeoutMs: HEARTBEAT_TIMEOUT_MS });
  }

  claim(jobId: string, request: ClaimRequest, over: AbortSignal): Promise<ClaimAnswer> {
    return this.persistent(`/internal/jobs/${encodeURIComponent(jobId)}/claim`, { json: request }, over);
  }

  artifact(
    jobId: string,
    epoch: number,
    request: ArtifactRequest,
    over: AbortSignal,
  ): Promise<ArtifactAnswer> {
    return this.persistent(epochPath(jobId, epoch, 'artifact'), { json: request }, over);
  }

  async logs(
    jobId: string,
    epoch: number,
    query: LogChunkQuery,
    body: Buffer,
    over: AbortSignal,
  ): Promise<void> {
    const parameters = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]));
    const path = `${epochPath(jobId, epoch, 'logs')}?${parameters.toString()}`;
    await this.persistent<void>(path, { body, contentType: 'application/gzip' }, over);
  }

  finish(jobId: string, epoch: number, request: FinishRequest, over: AbortSignal): Promise<FinishAnswer> {
    return this.persistent(epochPath(jobId, epoch, 'finish'), { json: request }, over);
  }

  /** What a tree of this store was built from. */
  tree(jobId: string, epoch: number, request: { copy_id: string }, over: AbortSignal): Promise<TreeAnswer> {
    return this.persistent(epochPath(jobId, epoch, 'tree'), { json: request }, over);
  }

  published(
    jobId: string,
    epoch: number,
    request: PublishedRequest,
    over: AbortSignal,
  ): Promise<PublishedAnswer> {
    return this.persistent(epochPath(jobId, epoch, 'published'), { json: request }, over);
  }

  async release(jobId: string, epoch: number, request: ReleaseRequest, over: AbortSignal): Promise<void> {
    await this.persistent<void>(epochPath(jobId, epoch, 'release'), { json: request }, over);
  }

  private persistent<T>(path: string, call: Omit<Call, 'token'>, over: AbortSignal): Promise<T> {
    return persist(() => this.call<T>(path, { ...call, token: this.token }), {
      over,
      isTransient: (error) => error instanceof JobsUnavailable,
      giveUpAfterMs: GIVE_UP_AFTER_MS,
    });
  }

  private async call<T>(path: string, { json, body, contentType, token, timeoutMs }: Call): Promise<T> {
    const payload = body ? new Uint8Array(body) : JSON.stringify(json);
    let response: Response;
    let text: string;
    try {
      response = await fetch(new URL(path, this.baseUrl), {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': contentType ?? 'application/json' },
        body: payload,
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs ?? TIMEOUT_MS),
      });
      text = await response.text();
    } catch (error) {
      throw JobsUnavailable.fromTransport(this.baseUrl, error);
    }
    const answer = parseJson(text);
    if (response.ok) return answer as T;
    if (TRANSIENT.has(response.status)) throw JobsUnavailable.fromStatus(response.status, answer);
    throw new JobsRefused(response.status, answer);
  }
}

function epochPath(jobId: string, epoch: number, action: string): string {
  return `/internal/jobs/${encodeURIComponent(jobId)}/epochs/${epoch}/${action}`;
}

function parseJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
