/**
 * What a worker and the jobs service say to one another over `/internal` (JSON, snake_case).
 * A worker is told everything it needs in the work order: it never reads the database.
 */
import type { Change } from './change.js';
import type { JobPhase, JobType, Subject } from './states.js';
import type { JobError, JobProgress, PackageManagerType, PackageRecord } from './words.js';

/** How often a worker reports. Silence for LEASE_SECONDS makes it lost. */
export const HEARTBEAT_SECONDS = 3;
export const LEASE_SECONDS = 10;
/** A dispatch that no worker claims within this time is withdrawn. */
export const DISPATCH_TIMEOUT_SECONDS = 5;
/** A job that its worker does not list in this many heartbeats in a row loses its epoch. */
export const MISSED_HEARTBEATS = 2;
/**
 * What the database grants beyond the worker's own limits, so that the worker ends a run first and with a better
 * explanation: the tool's grace, its end, and the report.
 */
export const DEADLINE_MARGIN_SECONDS = 60;

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

/** What a store's file system has left, in bytes. */
export interface StoreSpace {
  free_bytes: number;
  total_bytes: number;
}

/** POST /internal/workers/{id}/heartbeat. */
export interface HeartbeatRequest {
  /** Everything that the worker runs: what is missing here twice in a row is not run by anybody. */
  jobs: { id: string; epoch: number; progress: JobProgress | null }[];
  /** True from SIGTERM on: no new jobs, please. */
  draining: boolean;
  space: StoreSpace | null;
  /** Only when something changed since the last answer that arrived: a tool came, went, or has another version. */
  managers?: ManagerReport[];
}

export interface HeartbeatAnswer {
  token: string;
  expires_in: number;
  /** One entry for each job that was reported. `cancel`: a cancel is asked for. `stale`: the epoch is over, stop. */
  jobs: { id: string; epoch: number; cancel: boolean; cancel_code: string | null; stale: boolean }[];
  /** False: jobs takes this worker for lost; it must register again. */
  known: boolean;
}

/** POST /internal/jobs/{id}/claim. 409 `delivery_superseded` when this delivery is not the current dispatch. */
export interface ClaimRequest {
  worker_id: string;
  /** UUID made at pick-up, repeated only when this very call is repeated. */
  delivery_id: string;
  dispatch_no: number;
}

interface WorkOrderBase {
  job_id: string;
  type: JobType;
  subject: Subject;
  limits: {
    timeout_seconds: number;
    /** Longest silence of a tool. */
    idle_timeout_seconds: number;
    log_limit_bytes: number;
  };
  /** `publish_only`: an earlier epoch committed; only the work on disk is left. */
  phase: 'run' | 'publish_only';
}

/** The tree of a committed revision, and what is needed to build it again should it be gone. */
export interface PublishedTree {
  revision: number;
  digest: string;
  /** Its copy in this worker's store; null when it has none any more. */
  copy_id: string | null;
  /** Relative to the storage root. */
  path: string | null;
  inputs: ArtifactInputs | null;
}

/** Work on an environment. */
export interface EnvironmentOrder extends WorkOrderBase {
  environment_id: string;
  environment_name: string;
  package_manager: PackageManagerType;
  change: Change;
  python: string | null;
  channels: string[];
  platforms: string[];
  /** Number of the revision that the change starts from; null when there is none. */
  base_revision: number | null;
  /** Manifest and lockfile of the base, under the person's project name; null when there is none. */
  manifest: string | null;
  lockfile: string | null;
  pool: string;
  index_credentials: { name: string; url: string; username: string; password: string }[];
  /** publish_only: what to publish; null for a delete. */
  publish: PublishedTree | null;
}

/** A tree that a store job has to look at, build again, or delete; what it was built from is asked for one by one. */
export interface StoreTree {
  copy_id: string;
  path: string;
}

/** POST /internal/jobs/{id}/epochs/{n}/tree {copy_id}: what a copy in this store was built from. */
export interface TreeAnswer {
  package_manager: PackageManagerType;
  digest: string;
  /** Null when the database does not know (trees of older versions). */
  inputs: ArtifactInputs | null;
}

/** Work on a store: trees and links, whoever they belong to. */
export interface StoreOrder extends WorkOrderBase {
  change: Extract<Change, { type: 'verify' | 'repair' | 'collect' }>;
  /** verify: to look at. repair: to build again. collect: to delete. */
  trees: StoreTree[];
  /** verify: where `current` of each environment on this store must point; a wrong link is put right. */
  links: { environment_id: string; revision: number; path: string }[];
  /** collect: every path that the database knows on this store; other folders there are nobody's. */
  known_paths: string[];
}

export type WorkOrder = EnvironmentOrder | StoreOrder;

export function isStoreOrder(order: WorkOrder): order is StoreOrder {
  return order.subject.type === 'store';
}

export interface ClaimAnswer {
  epoch: number;
  work_order: WorkOrder;
}

/** Everything that determines a tree, canonical JSON; its sha256 is the artifact's digest. */
export type ArtifactInputs = Record<string, unknown> & { lockfile: string };

/** POST /internal/jobs/{id}/epochs/{n}/artifact. */
export interface ArtifactRequest {
  /** sha256, 64 hex digits, of everything that determines the tree. */
  digest: string;
  /** A copy that was offered for reuse, looked at, and is not whole: it is marked damaged and another one is built. */
  damaged_copy_id?: string;
}

/** `path` is relative to the storage root: the tree to adopt (`reuse`) or to build into (`build`). */
export interface ArtifactAnswer {
  state: 'reuse' | 'build';
  copy_id: string;
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
  /** The copy that was reserved, and what it was built from. */
  copy_id: string | null;
  inputs: ArtifactInputs | null;
  size_bytes: number | null;
  file_count: number | null;
  /** Full version of the environment's Python; null when it has none. */
  python_version: string | null;
  tool_version: string | null;
  /** Wall time of each phase, milliseconds. */
  timings: Partial<Record<JobPhase, number>>;
  last_seq: number;
  /** What the tool or the check of the tree had to say about a success; kept with the revision. */
  warnings: string[];
  /** Answer of a job that makes no revision: a plan, an export, what a verification found. */
  result: JobResult | null;
}

/** verify: copies that are not whole. repair: new copies. collect: copies that are gone. Others: their own words. */
export type JobResult = Record<string, unknown> & {
  damaged_copy_ids?: string[];
  rebuilt_copy_ids?: string[];
  deleted_copy_ids?: string[];
};

/**
 * `publish`: committed; switch `current` to `artifact_path` as `revision` (null, null for a delete: remove the
 * environment's folder), then call published. `done`: the job is terminal. `retry`: it waits for another attempt.
 * When another builder of the same digest was first, `artifact_path` is its tree and ours is to be deleted.
 */
export interface FinishAnswer {
  state: 'publish' | 'done' | 'retry';
  status: 'running' | 'completed' | 'failed' | 'cancelled' | 'pending';
  revision: number | null;
  artifact_path: string | null;
}

/** POST /internal/jobs/{id}/epochs/{n}/published. Its 409 `stale_epoch` carries `highest` as well. */
export interface PublishedRequest {
  /** What the work on disk came to, for jobs that answer with it (collect). */
  result: JobResult | null;
}

export interface PublishedAnswer {
  status: 'completed';
  /** The highest published revision; `current` must point at it. Null after a delete. */
  highest: { revision: number; artifact_path: string } | null;
}

/** POST /internal/jobs/{id}/epochs/{n}/release: given back without spending an attempt (the worker is stopping). */
export interface ReleaseRequest {
  reason: string;
}
