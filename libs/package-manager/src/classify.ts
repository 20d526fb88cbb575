/** From whatever was thrown to what a job says. */
import type { JobError } from '@darb/models';
import { PackageManagerError } from './errors.js';

const DISK_CODES = new Set(['ENOSPC', 'EDQUOT']);
const PERMISSION_CODES = new Set(['EACCES', 'EPERM', 'EROFS']);

export const DISK_FULL_MESSAGE =
  'There is no space left on the worker’s disk. Free some, or have unused environments collected; then try again.';
export const PERMISSION_MESSAGE =
  'The worker may not write to its storage folder; check its owner and permissions.';

/** For faults of Darb itself, not of a tool: file errors keep their meaning, the rest is a bug. */
export function classifyFailure(failure: unknown): JobError {
  if (failure instanceof PackageManagerError) return failure.toJobError();
  const code = (failure as NodeJS.ErrnoException | null)?.code ?? '';
  const detail = failure instanceof Error ? failure.message : String(failure);
  if (DISK_CODES.has(code))
    return new PackageManagerError('disk_full', DISK_FULL_MESSAGE, detail).toJobError();
  if (PERMISSION_CODES.has(code)) {
    return new PackageManagerError('permission_denied', PERMISSION_MESSAGE, detail).toJobError();
  }
  const message = 'Something went wrong inside of Darb; the log of the worker says more.';
  return new PackageManagerError('internal_error', message, detail.slice(0, 500)).toJobError();
}
