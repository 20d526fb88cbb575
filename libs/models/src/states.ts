/**
 * States of jobs, environments and artifacts, and the only moves between them.
 * Browser-safe: the dashboard imports this file's names, so it may import nothing.
 */

export const JOB_STATUSES = ['pending', 'running', 'completed', 'failed', 'cancelled'] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

export const JOB_TRANSITIONS: Readonly<Record<JobStatus, readonly JobStatus[]>> = {
  pending: ['running', 'cancelled', 'failed'],
  running: ['completed', 'failed', 'cancelled', 'pending'],
  completed: [],
  failed: [],
  cancelled: [],
};

export const ENVIRONMENT_STATUSES = [
  'pending',
  'creating',
  'ready',
  'updating',
  'failed',
  'deleting',
  'deleted',
] as const;
export type EnvironmentStatus = (typeof ENVIRONMENT_STATUSES)[number];

export const ENVIRONMENT_TRANSITIONS: Readonly<Record<EnvironmentStatus, readonly EnvironmentStatus[]>> = {
  pending: ['creating', 'failed', 'deleting'],
  creating: ['ready', 'failed', 'pending', 'deleting'],
  ready: ['updating', 'deleting'],
  updating: ['ready', 'deleting'],
  failed: ['creating', 'deleting'],
  // A delete that fails or is cancelled gives the environment back what it was; a change that was already
  // committed when the delete was requested may still be publishing then.
  deleting: ['deleted', 'pending', 'creating', 'ready', 'updating', 'failed'],
  deleted: [],
};

/** All that an environment's status depends on. */
export interface EnvironmentFacts {
  isDeleted: boolean;
  /** A delete waits or runs. */
  isDeleting: boolean;
  /** A worker holds a change of it. */
  isChanging: boolean;
  /** A revision was published: there is something that works. */
  isPublished: boolean;
  /** The last change that ended did so without a revision. */
  hasFailed: boolean;
}

/** The status that follows from the facts. Nothing else ever sets one, so it can't be wrong for long. */
export function environmentStatus(facts: EnvironmentFacts): EnvironmentStatus {
  if (facts.isDeleted) return 'deleted';
  if (facts.isDeleting) return 'deleting';
  if (facts.isPublished) return facts.isChanging ? 'updating' : 'ready';
  if (facts.isChanging) return 'creating';
  return facts.hasFailed ? 'failed' : 'pending';
}

/** States of one copy of an artifact, in one store. A damaged copy never gets well: its successor is a new copy. */
export const COPY_STATES = ['building', 'ready', 'damaged', 'deleting', 'deleted'] as const;
export type CopyState = (typeof COPY_STATES)[number];

export const COPY_TRANSITIONS: Readonly<Record<CopyState, readonly CopyState[]>> = {
  building: ['ready', 'deleting'],
  ready: ['damaged', 'deleting'],
  damaged: ['deleting'],
  deleting: ['deleted'],
  deleted: [],
};

export const JOB_TYPES = [
  'create',
  'install',
  'remove',
  'update',
  'apply',
  'import',
  'rollback',
  'clone',
  'plan',
  'delete',
  'export',
  'verify',
  'repair',
  'collect',
] as const;
export type JobType = (typeof JOB_TYPES)[number];

/** Job types that only read: they take no turn in their subject's lane. */
export const READ_ONLY_JOB_TYPES: readonly JobType[] = ['plan', 'export'];

/** What a job can be about. */
export const SUBJECT_TYPES = ['environment', 'store'] as const;
export type SubjectType = (typeof SUBJECT_TYPES)[number];

export interface Subject {
  type: SubjectType;
  id: string;
}

/** The lane in which changing jobs of a subject run one after the other. */
export function laneOf(subject: Subject): string {
  return `${subject.type}:${subject.id}`;
}

/** Parts of a run, in order; a job's log lines and its progress carry one of them. */
export const JOB_PHASES = ['solve', 'install', 'verify', 'publish'] as const;
export type JobPhase = (typeof JOB_PHASES)[number];

export function isTerminal(status: JobStatus): boolean {
  return JOB_TRANSITIONS[status].length === 0;
}

/** Whether jobs of this type run one at a time in their subject's lane. */
export function takesTurn(type: JobType): boolean {
  return !READ_ONLY_JOB_TYPES.includes(type);
}

/** Whether a table allows a move; staying is no move. */
export function mayMove<S extends string>(table: Readonly<Record<S, readonly S[]>>, from: S, to: S): boolean {
  return from === to || table[from].includes(to);
}

/** The statuses from which `to` may be reached; for the WHERE of a conditional update. */
export function sourcesOf<S extends string>(table: Readonly<Record<S, readonly S[]>>, to: S): S[] {
  return (Object.keys(table) as S[]).filter((from) => table[from].includes(to));
}
