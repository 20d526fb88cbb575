/** All SQL of the checker: what the database says, as plain rows. */
import type { Postgres } from '../stage/servers.js';

export interface JobRow {
  id: string;
  type: string;
  status: string;
  /** Jobs of one lane run one after the other; null for a job that only reads. */
  lane: string | null;
  lane_seq: number | null;
  environment_id: string | null;
  requested_by: string | null;
  error_code: string | null;
  error_family: string | null;
  created_at: Date;
  finished_at: Date | null;
}

export interface ClaimRow {
  job_id: string;
  epoch: number;
  worker_id: string;
  claimed_at: Date;
  ended_at: Date | null;
  end_reason: string | null;
  log_closed_at: Date | null;
  log_last_seq: number | null;
  stored_last_seq: number | null;
}

export interface EnvironmentRow {
  id: string;
  status: string;
  published_revision: number | null;
  deleted_at: Date | null;
}

export interface RevisionRow {
  environment_id: string;
  number: number;
  job_id: string;
  published_at: Date | null;
}

/** A ready tree of a published revision, on one store. */
export interface TreeRow {
  environment_id: string;
  number: number;
  store_root: string;
  path: string;
  packages: { name: string; version: string }[] | null;
}

export interface AuditRow {
  action: string;
  job_id: string;
}

export interface Snapshot {
  jobs: JobRow[];
  claims: ClaimRow[];
  environments: EnvironmentRow[];
  revisions: RevisionRow[];
  trees: TreeRow[];
  audits: AuditRow[];
  /** Folders of trees that the database knows of, relative to the root of a store. */
  knownTrees: { store_root: string; path: string; state: string }[];
}

const JOBS = `
  SELECT id, type, status, CASE WHEN subject_type = 'environment' THEN subject_id END AS environment_id, lane,
    lane_seq::int AS lane_seq, requested_by, error ->> 'code' AS error_code, error ->> 'family' AS error_family,
    created_at, finished_at
  FROM jobs.jobs ORDER BY created_at`;

const CLAIMS = `
  SELECT c.job_id, c.epoch, c.worker_id, c.claimed_at, c.ended_at, c.end_reason, c.log_closed_at,
    c.log_last_seq::int AS log_last_seq,
    (SELECT max(l.last_seq)::int FROM jobs.log_chunks l WHERE l.job_id = c.job_id AND l.epoch = c.epoch)
      AS stored_last_seq
  FROM jobs.claims c ORDER BY c.claimed_at`;

const ENVIRONMENTS = `SELECT id, status, published_revision, deleted_at FROM environments.environments`;

const REVISIONS = `
  SELECT environment_id, number, job_id, published_at FROM environments.revisions ORDER BY environment_id, number`;

const TREES = `
  SELECT e.id AS environment_id, r.number, s.root AS store_root, c.path,
    (SELECT json_agg(json_build_object('name', p.name, 'version', p.version) ORDER BY p.name)
       FROM environments.revision_packages p WHERE p.environment_id = r.environment_id AND p.number = r.number)
      AS packages
  FROM environments.environments e
  JOIN environments.revisions r ON r.environment_id = e.id AND r.number = e.published_revision
  JOIN environments.artifact_copies c ON c.artifact_id = r.artifact_id AND c.store_id = e.store_id AND c.state = 'ready'
  JOIN environments.stores s ON s.id = c.store_id
  WHERE e.deleted_at IS NULL`;

const AUDITS = `
  SELECT action, after ->> 'job_id' AS job_id FROM auth.audit_events
  WHERE outcome = 'requested' AND after ->> 'job_id' IS NOT NULL AND action NOT LIKE '%cancel%'`;

const KNOWN_TREES = `
  SELECT s.root AS store_root, c.path, c.state FROM environments.artifact_copies c
  JOIN environments.stores s ON s.id = c.store_id`;

const UNFINISHED = `
  SELECT count(*)::int AS count FROM jobs.jobs WHERE status NOT IN ('completed', 'failed', 'cancelled')`;

/** Without documents and log text: those are large, and may hold what people wrote. */
const DUMPED: Record<string, string> = {
  jobs: 'SELECT * FROM jobs.jobs ORDER BY created_at',
  claims: 'SELECT * FROM jobs.claims ORDER BY claimed_at',
  workers: 'SELECT * FROM jobs.workers ORDER BY registered_at',
  log_chunks: 'SELECT job_id, epoch, first_seq, last_seq, line_count FROM jobs.log_chunks ORDER BY 1, 2, 3',
  events: 'SELECT * FROM jobs.events ORDER BY created_at',
  environments: 'SELECT * FROM environments.environments ORDER BY created_at',
  revisions: 'SELECT * FROM environments.revisions ORDER BY environment_id, number',
  stores: 'SELECT * FROM environments.stores',
  lanes: 'SELECT * FROM jobs.lanes',
  artifacts: 'SELECT * FROM environments.artifacts ORDER BY created_at',
  artifact_copies: 'SELECT * FROM environments.artifact_copies',
  artifact_refs: 'SELECT * FROM environments.artifact_refs',
  audit_events: 'SELECT * FROM auth.audit_events ORDER BY time',
};

export async function snapshot(postgres: Postgres): Promise<Snapshot> {
  return {
    jobs: await postgres.query<JobRow>(JOBS),
    claims: await postgres.query<ClaimRow>(CLAIMS),
    environments: await postgres.query<EnvironmentRow>(ENVIRONMENTS),
    revisions: await postgres.query<RevisionRow>(REVISIONS),
    trees: await postgres.query<TreeRow>(TREES),
    audits: await postgres.query<AuditRow>(AUDITS),
    knownTrees: await postgres.query<Snapshot['knownTrees'][number]>(KNOWN_TREES),
  };
}

export async function unfinishedCount(postgres: Postgres): Promise<number> {
  const [row] = await postgres.query<{ count: number }>(UNFINISHED);
  return row!.count;
}

/** Every table that may explain a violation; a table that is no longer there is left out. */
export async function dump(postgres: Postgres): Promise<Record<string, unknown[]>> {
  const tables: Record<string, unknown[]> = {};
  for (const [name, statement] of Object.entries(DUMPED)) {
    tables[name] = await postgres.query(statement).catch((error: Error) => [{ error: error.message }]);
  }
  return tables;
}
