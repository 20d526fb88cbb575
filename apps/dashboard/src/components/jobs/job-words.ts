import type { JobPhase, JobType } from '@darb/models';
import type { Job } from '../../lib/api';

const VERB: Record<JobType, string> = {
  create: 'Create',
  install: 'Add',
  remove: 'Remove',
  update: 'Update',
  apply: 'Apply manifest',
  import: 'Import',
  rollback: 'Roll back',
  plan: 'Plan',
  delete: 'Delete',
  export: 'Export',
  verify: 'Verify',
  collect: 'Collect unused files',
};

export const PHASE_LABEL: Record<JobPhase, string> = {
  solve: 'Solve',
  install: 'Install',
  verify: 'Verify',
  publish: 'Publish',
};

export function jobTypeLabel(type: JobType): string {
  return VERB[type];
}

const NAMED_PACKAGES = 3;

/** "Add rich, httpx>=0.27 and 4 more". */
export function jobTitle(job: Pick<Job, 'type' | 'packages'>): string {
  const verb = VERB[job.type];
  if (job.packages.length === 0) return job.type === 'update' ? 'Update everything' : verb;
  const shown = job.packages.slice(0, NAMED_PACKAGES).join(', ');
  const more = job.packages.length - NAMED_PACKAGES;
  const rest = more > 0 ? ` and ${more} more` : '';
  return job.type === 'create' ? `Create with ${shown}${rest}` : `${verb} ${shown}${rest}`;
}
