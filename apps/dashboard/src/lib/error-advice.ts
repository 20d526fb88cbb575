import type { JobError } from '@darb/models';

/** What to do about a job's error, for the person who reads it. */

const BY_CODE: Readonly<Record<string, string>> = {
  unsatisfiable: 'Loosen one of the versions below, or leave a package out, and try again.',
  spec_invalid: 'Correct the requirement and try again.',
  needs_source_build: 'Choose a version that has a wheel for this Python and platform.',
  python_unavailable: 'Choose a Python version that a worker has.',
  lockfile_outdated: 'Update the lockfile from its manifest, or leave it out.',
  network: 'Nothing was changed. Retry once the package index can be reached.',
  integrity: 'A download did not match its checksum. Retry; if it happens again, tell an administrator.',
  timeout: 'Nothing was changed. Retry, or request less in one change.',
  idle_timeout: 'The tool wrote nothing for too long and was stopped. Retry it.',
};

const BY_FAMILY: Readonly<Record<JobError['family'], string | null>> = {
  user: null,
  operational: 'An administrator needs to fix this. Nothing is wrong with your request: retry it afterwards.',
  bug: 'This is a fault in Darb. Please report it together with the id of the job.',
};

export function adviceFor({ code, family }: { code: string; family?: JobError['family'] }): string | null {
  return BY_CODE[code] ?? (family === undefined ? null : BY_FAMILY[family]);
}

/** Whether other packages could help: then editing is the first thing to offer. */
export function isAboutPackages({ family }: { family?: JobError['family'] }): boolean {
  return family === 'user';
}
