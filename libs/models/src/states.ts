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
  // A delete that fails or is cancelled gives the environment back what it was.
  deleting: ['deleted', 'pending', 'ready', 'failed'],
  deleted: [],
};

export const ARTIFACT_STATES = ['building', 'ready', 'damaged', 'deleting', 'deleted'] as const;
export type ArtifactState = (typeof ARTIFACT_STATES)[number];

export const ARTIFACT_TRANSITIONS: Readonly<Record<ArtifactState, readonly ArtifactState[]>> = {
  building: ['ready', 'deleting'],
  ready: ['damaged', 'deleting'],
  damaged: ['ready', 'deleting'],
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
  'plan',
  'delete',
  'export',
  'verify',
  'collect',
] as const;
export type JobType = (typeof JOB_TYPES)[number];

/** Job types that only read: they take no turn in the environment's order of changes. */
export const READ_ONLY_JOB_TYPES: readonly JobType[] = ['plan', 'export'];

/** Parts of a run, in order; a job's log lines and its progress carry one of them. */
export const JOB_PHASES = ['solve', 'install', 'verify', 'publish'] as const;
export type JobPhase = (typeof JOB_PHASES)[number];

export function isTerminal(status: JobStatus): boolean {
  return JOB_TRANSITIONS[status].length === 0;
}

/** Whether jobs of this type must run one at a time in their environment. */
export function changesEnvironment(type: JobType): boolean {
  return !READ_ONLY_JOB_TYPES.includes(type);
}

/** The statuses from which `to` may be reached; for the WHERE of a conditional update. */
export function sourcesOf<S extends string>(table: Readonly<Record<S, readonly S[]>>, to: S): S[] {
  return (Object.keys(table) as S[]).filter((from) => table[from].includes(to));
}
