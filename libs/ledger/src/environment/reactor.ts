import { laneOf, makesRevision, mapDocuments } from '@darb/models';
import type {
  Change,
  DocumentReference,
  EnvironmentChange,
  JobError,
  JobRequirements,
  StoredChange,
} from '@darb/models';
import type { Environment, Job } from '@darb/models/entities';
import { loadDocuments } from '../documents.js';
import { askToCancel } from '../engine/request.js';
import { LedgerError } from '../errors.js';
import type { Move } from '../move.js';
import type { Acceptance, Commit, Reactor, Runner, SubjectOrder, SubjectRequest } from '../reactors.js';
import { firstRow, json, rows } from '../sql.js';
import type { Queryable } from '../sql.js';
import { adoptCopy, dropReservations, POOL } from './artifacts.js';
import { highestPublished } from './published.js';
import { documentsOf, insertRevision, publishedTree, replaceArtifact } from './revisions.js';
import { settle } from './status.js';

/** An environment's label that starts so names a label that its workers must have. */
const WORKER_LABEL = 'worker/';

/** Documents go by age; a job that was requested from an older one's references may come too late. */
const DOCUMENT_GONE: JobError = {
  code: 'document_gone',
  family: 'operational',
  message: 'A manifest or lockfile of this job is no longer kept: request the change again with its files.',
  extract: null,
};

/** What environments make of their jobs. */
export const environmentReactor: Reactor = {
  async requested(move, request) {
    const environment = await lockEnvironment(move.tx, request.subject.id);
    const active = await activeDelete(move.tx, environment.id);
    if (active && request.change.type === 'delete') return { ...acceptanceOf(environment), existing: active };
    if (active) {
      throw new LedgerError('environment_deleting', `Environment ${environment.name} is being deleted.`);
    }
    requireRevision(environment, request);
    const cancelled = request.change.type === 'delete' ? await cancelOthers(move, request) : [];
    return { ...acceptanceOf(environment), cancelled };
  },

  async claimed(move, job, runner, repeatedBase) {
    const environment = await findEnvironment(move.tx, job.subject_id);
    if (!environment || environment.deleted_at !== null) {
      return { refused: userError('environment_deleted', 'The environment was deleted meanwhile.') };
    }
    const base = repeatedBase === undefined ? environment.published_revision : repeatedBase;
    if (job.committed_at === null && repeatedBase === undefined) {
      const refused = outdated(job, environment);
      if (refused) return { refused };
    }
    const order = await writeOrder(move.tx, job, environment, base, runner);
    return 'code' in order ? { refused: order } : { order, baseRevision: base };
  },

  async finished(move, job, claim, runner, request) {
    if (job.type === 'delete') return { result: null, hasToPublish: true, revision: null, path: null };
    if (!makesRevision(job.change)) {
      return { result: request.result, hasToPublish: false, revision: null, path: null };
    }
    const environment = await lockEnvironment(move.tx, job.subject_id);
    const adopted = await adoptCopy(move.tx, job, claim.epoch, runner, request.copy_id, request);
    const number = await insertRevision(move, environment, job, adopted, request);
    if (environment.store_id === null) await bindToStore(move.tx, job, runner);
    return committed(number, adopted.path);
  },

  async recommitted(move, job, claim, runner, request) {
    const revision = revisionOf(job);
    if (revision === null) return { result: null, hasToPublish: true, revision: null, path: null };
    if (request.copy_id === null) {
      const tree = await publishedTree(move.tx, job.subject_id, revision, runner.storeId);
      return committed(revision, tree?.path ?? null);
    }
    const adopted = await adoptCopy(move.tx, job, claim.epoch, runner, request.copy_id, request);
    await replaceArtifact(move.tx, job.subject_id, revision, adopted);
    return committed(revision, adopted.path);
  },

  async published(move, job) {
    const revision = revisionOf(job);
    if (job.type === 'delete') await removeEnvironment(move, job);
    else if (revision !== null) await publishRevision(move.tx, job.subject_id, revision);
    return revision === null ? null : { revision };
  },

  async ended(move, job, error) {
    if (job.lane === null) return;
    // A cancelled change is no error of an environment that works.
    const isQuiet = error.code === 'cancelled' || error.code === 'environment_deleted';
    await move.tx.query(
      `UPDATE environments.environments SET last_error = $2, updated_at = now()
       WHERE id = $1 AND deleted_at IS NULL AND NOT ($3 AND published_revision IS NOT NULL)`,
      [job.subject_id, json({ code: error.code, message: error.message }), isQuiet],
    );
  },

  async released(move, job, epoch) {
    await dropReservations(move.tx, job.id, epoch);
  },

  highest: (tx, job, runner) => highestPublished(tx, job.subject_id, runner.storeId),

  settle,
};

async function lockEnvironment(tx: Queryable, id: string): Promise<Environment> {
  const [environment] = await rows<Environment>(
    tx,
    'SELECT * FROM environments.environments WHERE id = $1 AND deleted_at IS NULL FOR UPDATE',
    [id],
  );
  if (!environment) throw new LedgerError('environment_not_found', 'There is no such environment.');
  return environment;
}

function findEnvironment(tx: Queryable, id: string): Promise<Environment | undefined> {
  return firstRow<Environment>(tx, 'SELECT * FROM environments.environments WHERE id = $1', [id]);
}

function acceptanceOf(environment: Environment): Acceptance {
  return {
    organizationId: environment.organization_id,
    name: environment.name,
    requirements: requirementsOf(environment),
    storeId: environment.store_id,
    cancelled: [],
  };
}

function requirementsOf(environment: Environment): JobRequirements {
  const labels = Object.entries(environment.labels)
    .filter(([name]) => name.startsWith(WORKER_LABEL))
    .map(([name, value]) => [name.slice(WORKER_LABEL.length), value]);
  return {
    manager: { type: environment.package_manager },
    ...(environment.python === null ? {} : { python: environment.python }),
    ...(environment.platforms.length === 0 ? {} : { platforms: environment.platforms }),
    ...(labels.length === 0 ? {} : { labels: Object.fromEntries(labels) as Record<string, string> }),
  };
}

function requireRevision(environment: Environment, request: SubjectRequest): void {
  const { expectedRevision } = request;
  if (expectedRevision === null || expectedRevision === environment.published_revision) return;
  throw new LedgerError(
    'outdated',
    `The environment is at revision ${environment.published_revision ?? 'none'}, not ${expectedRevision}: look at it again, then repeat.`,
  );
}

function outdated(job: Job, environment: Environment): JobError | null {
  const expected = job.expected_revision;
  if (expected === null || expected === environment.published_revision) return null;
  return userError(
    'outdated',
    `The change was requested at revision ${expected}, but the environment is at ${environment.published_revision ?? 'none'} now.`,
  );
}

function userError(code: string, message: string): JobError {
  return { code, family: 'user', message, extract: null };
}

async function activeDelete(tx: Queryable, environmentId: string): Promise<Job | undefined> {
  return firstRow<Job>(
    tx,
    `SELECT * FROM jobs.jobs WHERE lane = $1 AND type = 'delete' AND status IN ('pending', 'running')
     ORDER BY lane_seq DESC LIMIT 1`,
    [laneOf({ type: 'environment', id: environmentId })],
  );
}

/** Ends the waiting jobs of an environment that is deleted, and asks the running ones to stop. */
async function cancelOthers(
  move: Move,
  { subject, requester }: SubjectRequest,
): Promise<Acceptance['cancelled']> {
  const others = await rows<Job>(
    move.tx,
    `SELECT * FROM jobs.jobs WHERE subject_id = $1 AND status IN ('pending', 'running') AND committed_at IS NULL
     ORDER BY id FOR UPDATE`,
    [subject.id],
  );
  const asked: Acceptance['cancelled'] = [];
  for (const job of others) {
    const { workerId } = await askToCancel(move, job, requester, 'environment_deleted');
    if (workerId !== null) asked.push({ jobId: job.id, workerId });
  }
  return asked;
}

async function writeOrder(
  tx: Queryable,
  job: Job,
  environment: Environment,
  base: number | null,
  runner: Runner,
): Promise<SubjectOrder | JobError> {
  const revision = revisionOf(job);
  const isPublishOnly = job.committed_at !== null;
  const source = isPublishOnly ? null : await baseOf(tx, job.change, environment, base);
  if (source && 'code' in source) return source;
  const references: DocumentReference[] = source ? [source.manifest, source.lockfile] : [];
  mapDocuments(job.change, (reference) => references.push(reference));
  const textOf = await loadDocuments(tx, isPublishOnly ? [] : references);
  if (!textOf) return DOCUMENT_GONE;
  return {
    environment_id: environment.id,
    environment_name: environment.name,
    package_manager: environment.package_manager,
    change: isPublishOnly ? withoutDocuments(job.change) : mapDocuments(job.change, textOf),
    python: environment.python,
    channels: environment.channels,
    platforms: environment.platforms,
    base_revision: source?.number ?? null,
    manifest: source ? textOf(source.manifest) : null,
    lockfile: source ? textOf(source.lockfile) : null,
    pool: POOL,
    index_credentials: [],
    publish:
      isPublishOnly && revision !== null
        ? await publishedTree(tx, environment.id, revision, runner.storeId)
        : null,
  };
}

/** Publishing needs no document, and none may be kept for it. */
function withoutDocuments(change: StoredChange): Change {
  return mapDocuments(change, () => '');
}

type Base = { number: number; manifest: DocumentReference; lockfile: DocumentReference };

/** What a change starts from: the published revision, or the revision that it names. */
async function baseOf(
  tx: Queryable,
  stored: StoredChange,
  environment: Environment,
  published: number | null,
): Promise<Base | JobError | null> {
  const change = stored.type === 'plan' ? (stored.change as EnvironmentChange<DocumentReference>) : stored;
  if (change.type === 'rollback' || change.type === 'clone') {
    const environmentId = change.type === 'clone' ? change.environment_id : environment.id;
    const named = await documentsOf(tx, environmentId, change.revision);
    return named ?? userError('revision_not_found', `There is no revision ${change.revision} any more.`);
  }
  if (published === null) return null;
  return (await documentsOf(tx, environment.id, published)) ?? null;
}

function revisionOf(job: Job): number | null {
  const revision = job.committed_at === null ? undefined : job.result?.['revision'];
  return typeof revision === 'number' ? revision : null;
}

function committed(revision: number, path: string | null): Commit {
  return { result: { revision }, hasToPublish: true, revision, path };
}

/** The first revision decides in which store an environment lives; jobs that wait already must go there, too. */
async function bindToStore(tx: Queryable, job: Job, runner: Runner): Promise<void> {
  await tx.query(
    `UPDATE jobs.jobs SET store_id = $2 WHERE lane = $1 AND store_id IS NULL AND status IN ('pending', 'running')`,
    [job.lane, runner.storeId],
  );
}

async function publishRevision(tx: Queryable, environmentId: string, revision: number): Promise<void> {
  await tx.query(
    `WITH revision AS (
       UPDATE environments.revisions SET published_at = coalesce(published_at, now())
       WHERE environment_id = $1 AND number = $2
     )
     UPDATE environments.environments SET last_error = NULL, updated_at = now(),
       published_revision = greatest(coalesce(published_revision, 0), $2)
     WHERE id = $1`,
    [environmentId, revision],
  );
}

async function removeEnvironment(move: Move, job: Job): Promise<void> {
  await move.tx.query(
    `WITH refs AS (
       DELETE FROM environments.artifact_refs WHERE kind = 'revision' AND holder_id = $1 RETURNING artifact_id
     ), used AS (
       UPDATE environments.artifact_copies SET used_at = now()
       WHERE artifact_id IN (SELECT artifact_id FROM refs)
     )
     UPDATE environments.environments SET deleted_at = now(), updated_at = now() WHERE id = $1`,
    [job.subject_id],
  );
  move.audit({
    actorId: job.requested_by,
    organizationId: job.organization_id,
    action: 'environment.delete',
    resourceType: 'environment',
    resourceId: job.subject_id,
    outcome: 'succeeded',
    before: { name: job.subject_name },
  });
}
