import type { Job } from './api';

/** Types of jobs in the order in which people meet them. */
export const SHOWN_JOB_TYPES = [
  'create',
  'install',
  'remove',
  'update',
  'apply',
  'import',
  'rollback',
  'clone',
  'delete',
  'plan',
  'export',
  'verify',
  'repair',
  'collect',
] as const satisfies readonly Job['type'][];
