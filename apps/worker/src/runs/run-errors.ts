import type { JobError } from '@darb/models';
import { PackageManagerError } from '@darb/package-manager';
import { JobsRefused } from '../jobs/jobs.errors.js';

/** A failure that already knows how it reads in `job.error`. */
export class RunFailure extends Error {
  override readonly name = 'RunFailure';

  constructor(readonly error: JobError) {
    super(error.message);
  }
}

/** Errors of the file system, by errno: the code and what a person may do about it. */
const STORE_ERRORS: Readonly<Record<string, { code: string; message: string }>> = {
  ENOSPC: { code: 'disk_full', message: 'The storage root is full. Free some space and try again.' },
  EDQUOT: { code: 'disk_full', message: "The storage root's quota is used up. Raise it and try again." },
  EROFS: { code: 'store_unavailable', message: 'The storage root is mounted read-only.' },
  EIO: { code: 'store_unavailable', message: 'The storage root answers with input/output errors.' },
  ESTALE: { code: 'store_unavailable', message: 'The storage root has gone away.' },
  EMFILE: { code: 'store_unavailable', message: 'The worker has too many open files.' },
};

/** For whatever the adapter does not classify, because it did not come from the tool. */
export function toJobError(error: unknown): JobError {
  if (error instanceof RunFailure) return error.error;
  if (error instanceof PackageManagerError) return error.toJobError();
  const known = STORE_ERRORS[(error as NodeJS.ErrnoException).code ?? ''];
  if (known) return { ...known, family: 'operational', extract: (error as Error).message };
  if (error instanceof JobsRefused) {
    return { code: error.code, family: 'bug', message: error.message, extract: null };
  }
  const extract = error instanceof Error ? error.message : String(error);
  const message = 'The worker met an error of its own; this is a bug in Darb.';
  return { code: 'internal_error', family: 'bug', message, extract };
}

/** The same, asking the adapter first: it knows the tool's words. */
export function classifyWith(classify: (failure: unknown) => JobError, error: unknown): JobError {
  const own = toJobError(error);
  return own.code === 'internal_error' ? classify(error) : own;
}
