/** The API object of environments: built here only, so that answers and events never differ. */
import type { EnvironmentFacts, EnvironmentStatus, PackageManagerType } from '@darb/models';
import type { Environment } from '@darb/models/entities';

export interface EnvironmentObject {
  id: string;
  name: string;
  description: string;
  labels: Record<string, string>;
  organization_id: string;
  owner_id: string;
  package_manager: PackageManagerType;
  python: string | null;
  channels: string[];
  platforms: string[];
  status: EnvironmentStatus;
  revision: number | null;
  package_count: number | null;
  size_bytes: number | null;
  active_job_id: string | null;
  last_error: { code: string; message: string } | null;
  path: string | null;
  created_at: string;
  updated_at: string;
}

/** A row of ENVIRONMENT_VIEW. bigint columns arrive as text. */
export interface EnvironmentViewRow extends Environment {
  python_version: string | null;
  package_count: number | null;
  size_bytes: string | null;
  active_job_id: string | null;
  path: string | null;
}

/**
 * Environments `e` with what the API adds to them; append WHERE and ORDER BY.
 * The path is the tree of the published revision itself: a process started there keeps its files. It is null while
 * that tree is known to be damaged.
 */
export const ENVIRONMENT_VIEW = `
  SELECT e.*, r.size_bytes, r.package_count, r.python_version, copy.path, active.id AS active_job_id
  FROM environments.environments e
  LEFT JOIN environments.revisions r ON r.environment_id = e.id AND r.number = e.published_revision
  LEFT JOIN LATERAL (
    SELECT s.root || '/' || c.path AS path FROM environments.artifact_copies c
    JOIN environments.stores s ON s.id = c.store_id
    WHERE c.artifact_id = r.artifact_id AND c.state = 'ready' ORDER BY c.store_id = e.store_id DESC LIMIT 1
  ) copy ON true
  LEFT JOIN LATERAL (
    SELECT j.id FROM jobs.jobs j
    WHERE j.lane = 'environment:' || e.id AND j.status IN ('pending', 'running') ORDER BY j.lane_seq LIMIT 1
  ) active ON true`;

export function factsOf(
  environment: Pick<Environment, 'deleted_at' | 'published_revision' | 'last_error'>,
  activity: { is_deleting: boolean; is_changing: boolean },
): EnvironmentFacts {
  return {
    isDeleted: environment.deleted_at !== null,
    isDeleting: activity.is_deleting,
    isChanging: activity.is_changing,
    isPublished: environment.published_revision !== null,
    hasFailed: environment.last_error !== null,
  };
}

export function toEnvironmentObject(row: EnvironmentViewRow): EnvironmentObject {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    labels: row.labels,
    organization_id: row.organization_id,
    owner_id: row.owner_id,
    package_manager: row.package_manager,
    python: row.python_version ?? row.python,
    channels: row.channels,
    platforms: row.platforms,
    status: row.status,
    revision: row.published_revision,
    package_count: row.package_count,
    size_bytes: row.size_bytes === null ? null : Number(row.size_bytes),
    active_job_id: row.active_job_id,
    last_error: row.last_error,
    path: row.path,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}
