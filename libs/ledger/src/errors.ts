export type LedgerErrorCode =
  | 'environment_not_found'
  | 'environment_deleting'
  | 'outdated'
  | 'too_many_jobs'
  | 'store_not_found'
  | 'store_busy'
  | 'job_not_found'
  | 'job_finished'
  | 'not_retryable'
  | 'already_committed'
  | 'delivery_superseded'
  | 'stale_epoch'
  | 'not_committed'
  | 'unknown_artifact'
  | 'forbidden_move';

/** A move that the state tables or the fencing token forbid; nothing was changed. */
export class LedgerError extends Error {
  /** Facts that belong in the answer, for example `highest` of a stale published. */
  readonly extra: Record<string, unknown>;

  constructor(
    readonly code: LedgerErrorCode,
    message: string,
    extra: Record<string, unknown> = {},
  ) {
    super(message);
    this.name = 'LedgerError';
    this.extra = extra;
  }
}
