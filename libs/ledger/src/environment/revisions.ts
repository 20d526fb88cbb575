import { packagesOf } from '@darb/models';
import type {
  ArtifactInputs,
  DocumentReference,
  FinishRequest,
  PackageRecord,
  PublishedTree,
} from '@darb/models';
import type { Environment, Job } from '@darb/models/entities';
import { Documents } from '../documents.js';
import { LedgerError } from '../errors.js';
import type { Move } from '../move.js';
import { firstRow, json } from '../sql.js';
import type { Queryable } from '../sql.js';
import type { Adopted } from './artifacts.js';

/** Manifest and lockfile of a revision, as references. */
export interface RevisionDocuments {
  number: number;
  manifest: DocumentReference;
  lockfile: DocumentReference;
}

export async function documentsOf(
  tx: Queryable,
  environmentId: string,
  number: number,
): Promise<RevisionDocuments | undefined> {
  const found = await firstRow<{ manifest_sha256: string; lockfile_sha256: string }>(
    tx,
    'SELECT manifest_sha256, lockfile_sha256 FROM environments.revisions WHERE environment_id = $1 AND number = $2',
    [environmentId, number],
  );
  return (
    found && {
      number,
      manifest: { sha256: found.manifest_sha256 },
      lockfile: { sha256: found.lockfile_sha256 },
    }
  );
}

/** Writes the next revision of a locked environment: row, packages, reference, documents. */
export async function insertRevision(
  move: Move,
  environment: Environment,
  job: Job,
  artifact: Adopted,
  request: FinishRequest,
): Promise<number> {
  const { manifest, lockfile } = request;
  if (manifest === null || lockfile === null) {
    throw new LedgerError('unknown_artifact', 'A revision needs its manifest and its lockfile.');
  }
  const documents = new Documents();
  const packages = distinctPackages(request.packages);
  const references = { manifest: documents.add(manifest), lockfile: documents.add(lockfile) };
  await documents.store(move.tx);
  const number = (environment.revision ?? 0) + 1;
  await move.tx.query(
    `WITH revision AS (
       INSERT INTO environments.revisions (environment_id, number, job_id, manifest_sha256, lockfile_sha256, digest,
         artifact_id, reason, packages, tool_version, python_version, size_bytes, package_count, warnings, created_by)
       SELECT $1, $2, $3, $4, $5, $6, a.id, $8, $9, $10, $11, coalesce(a.size_bytes, $12), $13, $14, $15
       FROM environments.artifacts a WHERE a.id = $7
     ), packages AS (
       INSERT INTO environments.revision_packages
         (environment_id, number, kind, name, version, build, channel, explicit, requested, size_bytes, license)
       SELECT $1, $2, p.kind, p.name, p.version, p.build, p.channel, p.explicit, p.requested, p.size_bytes, p.license
       FROM jsonb_to_recordset($16) AS p (kind text, name text, version text, build text, channel text,
         explicit boolean, requested text, size_bytes bigint, license text)
     ), reference AS (
       INSERT INTO environments.artifact_refs (artifact_id, kind, holder_id, number) VALUES ($7, 'revision', $1, $2)
     )
     UPDATE environments.environments SET revision = $2, store_id = coalesce(store_id, $17), updated_at = now()
     WHERE id = $1`,
    [
      environment.id,
      number,
      job.id,
      references.manifest.sha256,
      references.lockfile.sha256,
      artifact.digest,
      artifact.artifactId,
      job.type,
      packagesOf(job.change),
      request.tool_version,
      request.python_version,
      request.size_bytes,
      packages.length,
      request.warnings,
      job.requested_by,
      json(packages),
      artifact.storeId,
    ],
  );
  auditRevision(move, environment, job, number, artifact.digest);
  return number;
}

/** What a tool lists twice is one package; the first record counts. */
function distinctPackages(packages: readonly PackageRecord[]): PackageRecord[] {
  const distinct = new Map<string, PackageRecord>();
  for (const record of packages) {
    const key = `${record.kind} ${record.name}`;
    if (!distinct.has(key)) distinct.set(key, record);
  }
  return [...distinct.values()];
}

function auditRevision(move: Move, environment: Environment, job: Job, number: number, digest: string): void {
  move.audit({
    actorId: job.requested_by,
    organizationId: job.organization_id,
    action: 'revision.create',
    resourceType: 'environment',
    resourceId: environment.id,
    outcome: 'succeeded',
    before: { revision: environment.published_revision },
    after: { revision: number, job_id: job.id, digest },
  });
}

/** A committed revision whose tree was built again: it points at what there is now. */
export async function replaceArtifact(
  tx: Queryable,
  environmentId: string,
  number: number,
  artifact: Adopted,
): Promise<void> {
  await tx.query(
    `WITH old AS (
       DELETE FROM environments.artifact_refs
       WHERE kind = 'revision' AND holder_id = $1 AND number = $2 AND artifact_id <> $3
     ), added AS (
       INSERT INTO environments.artifact_refs (artifact_id, kind, holder_id, number) VALUES ($3, 'revision', $1, $2)
       ON CONFLICT DO NOTHING
     )
     UPDATE environments.revisions SET artifact_id = $3, digest = $4 WHERE environment_id = $1 AND number = $2`,
    [environmentId, number, artifact.artifactId, artifact.digest],
  );
}

/** The tree of a revision in one store, and what it takes to build it again. */
export async function publishedTree(
  tx: Queryable,
  environmentId: string,
  number: number,
  storeId: string,
): Promise<PublishedTree | null> {
  const found = await firstRow<{
    digest: string;
    copy_id: string | null;
    path: string | null;
    inputs: Record<string, unknown> | null;
    lockfile: string | null;
  }>(
    tx,
    `SELECT a.digest, c.id AS copy_id, c.path, a.inputs, d.content AS lockfile
     FROM environments.revisions r
     JOIN environments.artifacts a ON a.id = r.artifact_id
     LEFT JOIN environments.artifact_copies c
       ON c.artifact_id = a.id AND c.store_id = $3 AND c.state = 'ready'
     LEFT JOIN environments.documents d ON d.sha256 = a.lockfile_sha256
     WHERE r.environment_id = $1 AND r.number = $2`,
    [environmentId, number, storeId],
  );
  if (!found) return null;
  return {
    revision: number,
    digest: found.digest,
    copy_id: found.copy_id,
    path: found.path,
    inputs: inputsOf(found.inputs, found.lockfile),
  };
}

export function inputsOf(
  inputs: Record<string, unknown> | null,
  lockfile: string | null,
): ArtifactInputs | null {
  return inputs === null || lockfile === null ? null : { ...inputs, lockfile };
}
