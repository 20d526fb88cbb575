/** Values that more than one service must spell alike. Browser-safe. */

export const PACKAGE_MANAGERS = ['pixi', 'uv'] as const;
export type PackageManagerType = (typeof PACKAGE_MANAGERS)[number];

export const ORGANIZATION_ROLES = ['owner', 'admin', 'member', 'viewer'] as const;
export type OrganizationRole = (typeof ORGANIZATION_ROLES)[number];

export const GRANT_ROLES = ['viewer', 'editor'] as const;
export type GrantRole = (typeof GRANT_ROLES)[number];

export const INSTANCE_ROLES = ['admin', 'user'] as const;
export type InstanceRole = (typeof INSTANCE_ROLES)[number];

/** The pool of public indexes without credentials. */
export const SHARED_POOL = 'shared';

/** NOTIFY channels; they carry no payload and only wake. */
export const JOBS_CHANNEL = 'darb_jobs';
export const EVENTS_CHANNEL = 'darb_events';
/** Events that were committed have got their positions, so readers may go on. */
export const EVENTS_NUMBERED_CHANNEL = 'darb_events_numbered';

/** Who has to act on an error: the person who asked, the people who run Darb, or its developers. */
export type ErrorFamily = 'user' | 'operational' | 'bug';

/** Why a job failed. `extract` is the tool's own message, cut to what matters. */
export interface JobError {
  code: string;
  family: ErrorFamily;
  message: string;
  extract: string | null;
}

/** What a worker must have to run a job. Absent members: anything will do. */
export interface JobRequirements {
  /** `versions`: a PEP 440 range, for example `>=0.13,<0.14`. */
  manager?: { type: PackageManagerType; versions?: string };
  /** As asked for, for example `3.12` or `>=3.11,<3.13`. */
  python?: string;
  /** One of these, for example `linux-64`. */
  platforms?: string[];
  labels?: Record<string, string>;
}

/** How a claim ended. */
export type ClaimEnd = 'published' | 'completed' | 'failed' | 'cancelled' | 'retry' | 'released' | 'lost';

/** How far a running job is; `done` of `total` in units of the phase (packages, files), null when unknown. */
export interface JobProgress {
  phase: 'solve' | 'install' | 'verify' | 'publish';
  done: number | null;
  total: number | null;
}

/** One package of an environment, as recorded in a revision and answered by the API. */
export interface PackageRecord {
  name: string;
  version: string;
  kind: 'conda' | 'pypi';
  build: string | null;
  channel: string | null;
  explicit: boolean;
  /** The spec as the person typed it; null for a dependency. */
  requested: string | null;
  size_bytes: number | null;
  license: string | null;
}

/** One line of a job's log. `seq` rises from 1 without holes within an epoch. */
export interface LogLine {
  seq: number;
  epoch: number;
  /** RFC 3339, UTC, milliseconds. */
  time: string;
  stream: 'stdout' | 'stderr' | 'darb';
  phase: 'solve' | 'install' | 'verify' | 'publish' | null;
  text: string;
}

/** A run of lines that was left out because the log reached its limit; stands in place of them. */
export interface LogGap {
  epoch: number;
  from: number;
  to: number;
  bytes: number;
  /** They were there, and were removed because of their age. */
  reason?: 'retention';
}
