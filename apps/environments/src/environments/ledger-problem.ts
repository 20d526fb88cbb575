import { LedgerError } from '@darb/ledger';
import type { LedgerErrorCode } from '@darb/ledger';
import { Problem, notFound } from '@darb/service-kit';

const STATUSES: Partial<Record<LedgerErrorCode, number>> = {
  environment_deleting: 409,
  outdated: 412,
  too_many_jobs: 429,
};

/** Long enough for some of the waiting jobs to run. */
const RETRY_AFTER_SECONDS = '30';

/** What a refusal of the ledger is over HTTP; any other error is left as it is. */
export function ledgerProblem(error: unknown): unknown {
  if (!(error instanceof LedgerError)) return error;
  if (error.code === 'environment_not_found') return notFound('environment');
  const status = STATUSES[error.code];
  return status === undefined
    ? error
    : new Problem(status, error.code, error.message, {
        extra: error.extra,
        headers: status === 429 ? { 'retry-after': RETRY_AFTER_SECONDS } : {},
      });
}
