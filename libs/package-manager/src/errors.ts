/** How verbs of an adapter fail: as data with a family, already in words for a person. */
import type { ErrorFamily, JobError } from '@darb/models';
import { cleanField } from './outside-text.js';
import type { Checked } from './specs/types.js';

/** Codes of `job.error` that come from here, and who has to act on each. */
export const ERROR_FAMILIES = {
  package_not_found: 'user',
  package_not_in_environment: 'user',
  unsatisfiable: 'user',
  package_invalid: 'user',
  needs_source_build: 'user',
  needs_sandbox: 'operational',
  python_unavailable: 'user',
  platform_unsupported: 'user',
  spec_invalid: 'user',
  spec_not_allowed: 'user',
  manifest_invalid: 'user',
  manifest_not_allowed: 'user',
  lockfile_invalid: 'user',
  lockfile_not_allowed: 'user',
  lockfile_outdated: 'user',
  lockfile_too_large: 'user',
  index_unauthorized: 'user',
  package_manager_unavailable: 'operational',
  network: 'operational',
  disk_full: 'operational',
  permission_denied: 'operational',
  integrity: 'operational',
  timeout: 'operational',
  killed: 'operational',
  cancelled: 'user',
  verification_failed: 'operational',
  tree_missing: 'operational',
  tree_damaged: 'operational',
  interpreter_missing: 'operational',
  tool_failed: 'operational',
  internal_error: 'bug',
} as const satisfies Record<string, ErrorFamily>;

export type PackageManagerErrorCode = keyof typeof ERROR_FAMILIES;

const MAX_MESSAGE = 1000;
export const MAX_EXTRACT = 4000;

/** Thrown by every verb. `extract` is the tool's own message, without ANSI, cut to what matters. */
export class PackageManagerError extends Error {
  override readonly name = 'PackageManagerError';
  readonly extract: string | null;

  constructor(
    readonly code: PackageManagerErrorCode,
    message: string,
    extract: string | null = null,
    options?: ErrorOptions,
  ) {
    // Both may quote names of packages and files.
    super(cleanField(message, MAX_MESSAGE), options);
    this.extract = extract === null ? null : cleanField(extract, MAX_EXTRACT);
  }

  get family(): ErrorFamily {
    return ERROR_FAMILIES[this.code];
  }

  toJobError(): JobError {
    return { code: this.code, family: this.family, message: this.message, extract: this.extract };
  }
}

/** Unwraps a check of text that was checked at the request already; here it guards the spawn itself. */
export function accepted<T>(checked: Checked<T>): T {
  if (checked.ok) return checked;
  const [first] = checked.errors;
  throw new PackageManagerError(first!.code as PackageManagerErrorCode, first!.message);
}
