import type { JobPhase } from '@darb/models';
import type { Job, JobAttempt } from '../../lib/api';

const VERB: Record<Job['type'], string> = {
  create: 'Create',
  install: 'Add',
  remove: 'Remove',
  update: 'Update',
  apply: 'Apply manifest',
  import: 'Import',
  rollback: 'Roll back',
  clone: 'Clone',
  plan: 'Plan',
  delete: 'Delete',
  export: 'Export',
  verify: 'Verify files',
  repair: 'Rebuild damaged files',
  collect: 'Collect unused files',
};

export const PHASE_LABEL: Record<JobPhase, string> = {
  solve: 'Solve',
  install: 'Install',
  verify: 'Verify',
  publish: 'Publish',
};

export function jobTypeLabel(type: Job['type']): string {
  return VERB[type] ?? type;
}

type Titled = Pick<Job, 'type' | 'packages'> & Partial<Pick<Job, 'change'>>;

export interface TitleParts {
  verb: string;
  /** Specs or names as typed; shown as code. */
  specs: string[];
  more: number;
}

const NAMED_PACKAGES = 3;

/** "Add" `rich`, `httpx>=0.27` "and 4 more". */
export function titleParts({ type, packages, change }: Titled): TitleParts {
  return {
    verb: verbOf(type, packages.length > 0, change),
    specs: packages.slice(0, NAMED_PACKAGES),
    more: Math.max(0, packages.length - NAMED_PACKAGES),
  };
}

export function jobTitle(job: Titled): string {
  const { verb, specs, more } = titleParts(job);
  if (specs.length === 0) return verb;
  return `${verb} ${specs.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function verbOf(type: Job['type'], hasPackages: boolean, change: Titled['change']): string {
  if (type === 'create' && hasPackages) return 'Create with';
  if (type === 'update' && !hasPackages) return 'Update everything';
  if (type === 'collect' && change?.dry_run === true) return 'Preview collection';
  if (type === 'rollback' && change?.revision !== undefined)
    return `Roll back to revision ${change.revision}`;
  return jobTypeLabel(type);
}

/** "Waiting for a free slot: all 2 are busy." */
export function waitingSentence(waitingFor: string | null): string {
  if (waitingFor === null) return 'Waiting for a worker.';
  if (waitingFor.startsWith('an earlier change')) return 'Waiting for an earlier change to finish.';
  return `Waiting for ${waitingFor.replace(/\.$/, '')}.`;
}

const OUTCOME: Record<NonNullable<JobAttempt['outcome']>, string> = {
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
  retry: 'Failed, tried again',
  released: 'Given back: the worker stopped',
  lost: 'The worker was lost',
};

export function outcomeLabel(outcome: JobAttempt['outcome']): string {
  return outcome === null ? 'Running' : (OUTCOME[outcome] ?? outcome);
}
