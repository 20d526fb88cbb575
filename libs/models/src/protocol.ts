/**
 * What a worker and the jobs service say to one another over `/internal` (JSON, snake_case).
 * A worker is told everything it needs in the work order: it never reads the database.
 */
import type { JobPhase, JobType } from './states.js';
import type { JobError, JobProgress, PackageManagerType, PackageRecord } from './words.js';

/** How often a worker reports. Silence for LEASE_SECONDS makes it lost. */
export const HEARTBEAT_SECONDS = 3;
export const LEASE_SECONDS = 10;
/** A dispatch that no worker claims within this time is withdrawn. */
export const DISPATCH_TIMEOUT_SECONDS = 5;

/** An interpreter that a worker can build uv environments with. */
export interface InterpreterReport {
  implementation: string;
  /** Full version, for example `3.12.1`. */
  version: string;
  /** ABI tag, for example `cp312`; null when it could not be told. */
  abi: string | null;
  /** Resolved absolute path. */
  path: string;
}

/** What a worker found out about one package manager at start. */
export interface ManagerReport {
  type: PackageManagerType;
  available: boolean;
  version: string | null;
  path: string | null;
  /** One sentence for people: why it is absent and how to install it. */
  reason: string | null;
  interpreters: InterpreterReport[];
}

export interface SandboxReport {
  /** `bwrap` or `off`. */
  mode: 'bwrap' | 'off';
  /** Why it is off; null when it is on. */
  reason: string | null;
  /** Limits that are really enforced here, for example `memory`, `pids`, `disk`. */
  limits: string[];
}

/** POST /internal/workers, `Authorization: Bearer <DARB_WORKER_JOIN_TOKEN>`. */
export interface RegisterWorkerRequest {
  name: string;
  /** The store's uuid (`.darb-store`) and its absolute root as this worker sees it. */
  store: { id: string; root: string };
  /** For example `linux-64`. */
  platform: string;
  libc: string;
  managers: ManagerReport[];
  slots: number;
  labels: Record<string, string>;
  sandbox: SandboxReport;
  version: string;
}

/** 201. `token` is bound to `worker_id`; every heartbeat brings the next one. */
export interface RegisterWorkerAnswer {
  worker_id: string;
  token: string;
  expires_in: number;
  heartbeat_seconds: number;
}

/** POST /internal/workers/{id}/heartbeat. */
export interface HeartbeatRequest {
  jobs: { id: string; epoch: number; progress: JobProgress | null }[];
  /** True from SIGTERM on: no new jobs, please. */
  draining: boolean;
}

export interface HeartbeatAnswer {
  token: string;
  expires_in: number;
  /** One entry for each job that was reported. `cancel`: a cancel is asked for. `stale`: the epoch is over, stop. */
  jobs: { id: string; cancel: boolean; cancel_code: string | null; stale: boolean }[];
  /** False: jobs takes this worker for lost; it must register anew. */
  known: boolean;
}

/** POST /internal/jobs/{id}/claim. 409 `delivery_superseded` when this delivery is not the current dispatch. */
export interface ClaimRequest {
  worker_id: string;
  /** UUID made at pick-up, repeated only when this very call is repeated. */
  delivery_id: string;
  dispatch_no: number;
}

/** Arguments of a job as they were checked at the request; which ones are set depends on the type. */
export interface JobArguments {
  /** create, install: specs as typed (PEP 508 for uv, MatchSpec for pixi). update: names; absent = all. remove: names. */
  packages?: string[];
  /** pixi only: specs for PyPI. */
  pypi_packages?: string[];
  /** create: requested Python, for example `3.12`; null takes the newest one that the worker has. */
  python?: string | null;
  channels?: string[];
  platforms?: string[];
  /** create, apply, import: a whole manifest or lockfile that a person gave. */
  manifest?: string;
  lockfile?: string;
  /** If-Match of the request: the change is refused as `outdated` when another revision came first. */
  expected_revision?: number;
}

export interface WorkOrder {
  job_id: string;
  type: JobType;
  arguments: JobArguments;
  environment_id: string;
  environment_name: string;
  package_manager: PackageManagerType;
  python: string | null;
  channels: string[];
  platforms: string[];
  /** Number of the revision that the change starts from; null when there is none. */
  base_revision: number | null;
  /** Manifest and lockfile of the base revision, under the person's project name; null when there is none. */
  manifest: string | null;
  lockfile: string | null;
  pool: string;
  limits: { timeout_seconds: number; log_limit_bytes: number };
  index_credentials: { name: string; url: string; username: string; password: string }[];
  phase: 'run' | 'publish_only';
  /** publish_only: tree of the committed revision, relative to the storage root, and its number. */
  artifact_path: string | null;
  revision: number | null;
}

export interface ClaimAnswer {
  epoch: number;
  work_order: WorkOrder;
}

/** POST /internal/jobs/{id}/epochs/{n}/artifact. */
export interface ArtifactRequest {
  /** sha256, 64 hex digits, of everything that determines the tree. */
  digest: string;
}

/** `path` is relative to the storage root: the tree to adopt (`reuse`) or to build into (`build`). */
export interface ArtifactAnswer {
  state: 'reuse' | 'build';
  artifact_id: string;
  path: string;
}

/**
 * POST /internal/jobs/{id}/epochs/{n}/logs?first_seq=&last_seq=&lines=&bytes=
 * Body: gzip of NDJSON, one LogLine each (`content-type: application/gzip`). 204 is the acknowledgement;
 * sending the same first_seq again is acknowledged and changes nothing.
 */
export interface LogChunkQuery {
  first_seq: number;
  last_seq: number;
  lines: number;
  /** Size of the lines' text before compression, in bytes. */
  bytes: number;
}

/** POST /internal/jobs/{id}/epochs/{n}/finish. */
export interface FinishRequest {
  outcome: 'succeeded' | 'failed' | 'cancelled';
  error: JobError | null;
  /** Set when succeeded and the type makes a revision; under the person's project name. */
  manifest: string | null;
  lockfile: string | null;
  digest: string | null;
  packages: PackageRecord[];
  artifact_id: string | null;
  size_bytes: number | null;
  file_count: number | null;
  /** Full version of the environment's Python; null when it has none. */
  python_version: string | null;
  tool_version: string | null;
  /** Wall time of each phase, milliseconds. */
  timings: Partial<Record<JobPhase, number>>;
  last_seq: number;
}

/**
 * `publish`: committed; switch `current` to `artifact_path` as `revision` (null, null for a delete: remove the
 * environment's folder), then call published. `done`: the job is terminal. `retry`: it waits for another attempt.
 * When another builder of the same digest was first, `artifact_path` is its tree and ours is to be deleted.
 */
export interface FinishAnswer {
  state: 'publish' | 'done' | 'retry';
  status: 'running' | 'failed' | 'cancelled' | 'pending';
  revision: number | null;
  artifact_path: string | null;
}

/** POST /internal/jobs/{id}/epochs/{n}/published. Its 409 `stale_epoch` carries `highest` as well. */
export interface PublishedAnswer {
  status: 'completed';
  /** The highest published revision; `current` must point at it. Null after a delete. */
  highest: { revision: number; artifact_path: string } | null;
}

/** POST /internal/jobs/{id}/epochs/{n}/release: given back without spending an attempt (the worker is stopping). */
export interface ReleaseRequest {
  reason: string;
}
