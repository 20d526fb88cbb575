import type {
  EnvironmentOrder,
  FinishRequest,
  JobError,
  JobRequirements,
  JobResult,
  PublishedAnswer,
  StoredChange,
  StoreOrder,
  Subject,
  SubjectType,
} from '@darb/models';
import type { Claim, Job } from '@darb/models/entities';
import type { Move } from './move.js';
import type { Queryable } from './sql.js';

/** Who asks for a job. */
export interface Requester {
  /** Null: Darb itself. */
  userId: string | null;
  address?: string | null;
}

/** A request after its documents were put away. */
export interface SubjectRequest {
  subject: Subject;
  change: StoredChange;
  requester: Requester;
  expectedRevision: number | null;
}

/** What a subject says to a request: to whom it belongs, what a worker needs for it. */
export interface Acceptance {
  organizationId: string | null;
  name: string;
  requirements: JobRequirements;
  storeId: string | null;
  /** A job that already does what is asked for: it is the answer. */
  existing?: Job;
  /** Running jobs that were asked to stop for it. */
  cancelled: { jobId: string; workerId: string }[];
}

/** Who runs a job. */
export interface Runner {
  workerId: string;
  storeId: string;
}

type WithoutEngine<T> = Omit<T, 'job_id' | 'type' | 'subject' | 'limits' | 'phase'>;
export type SubjectOrder = WithoutEngine<EnvironmentOrder> | WithoutEngine<StoreOrder>;

export interface Commit {
  result: JobResult | null;
  /** False: there is nothing to do on disk, the job is completed. */
  hasToPublish: boolean;
  revision: number | null;
  path: string | null;
}

/**
 * What a subject type makes of the life of its jobs. Every method runs inside of the engine's transaction, under the
 * lock of the lane (for a job that only reads: of the job), and changes rows of its own subject only.
 */
export interface Reactor {
  /** @throws LedgerError when the subject does not take this request */
  requested(move: Move, request: SubjectRequest): Promise<Acceptance>;
  /** Writes the work order, or says why the job can't be done any more. `baseRevision` is set when the claim is repeated. */
  claimed(
    move: Move,
    job: Job,
    runner: Runner,
    baseRevision?: number | null,
  ): Promise<{ order: SubjectOrder; baseRevision: number | null } | { refused: JobError }>;
  /** Takes the success of an epoch. */
  finished(move: Move, job: Job, claim: Claim, runner: Runner, request: FinishRequest): Promise<Commit>;
  /** A finish of a job that an earlier epoch committed: takes over what was built again. */
  recommitted(move: Move, job: Job, claim: Claim, runner: Runner, request: FinishRequest): Promise<Commit>;
  /** The work on disk is done. */
  published(move: Move, job: Job, result: JobResult | null): Promise<JobResult | null>;
  /** The job failed or was cancelled. */
  ended(move: Move, job: Job, error: JobError): Promise<void>;
  /** An epoch is over: what it held is let go. */
  released(move: Move, job: Job, epoch: number): Promise<void>;
  /** What a worker must put right on disk when it comes late; null when there is nothing. */
  highest(tx: Queryable, job: Job, runner: Runner): Promise<PublishedAnswer['highest']>;
  /** Called once at the end of every transaction that moved a job of the subject. */
  settle(move: Move, subjectId: string): Promise<void>;
}

const reactors = new Map<SubjectType, Reactor>();

/** Called once for each subject type, where the library is put together. */
export function registerReactor(type: SubjectType, reactor: Reactor): void {
  reactors.set(type, reactor);
}

export function reactorOf(type: SubjectType): Reactor {
  const reactor = reactors.get(type);
  if (!reactor) throw new Error(`Nobody reacts to jobs of ${type}.`);
  return reactor;
}
