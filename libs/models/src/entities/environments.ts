/** Tables of the environments service; statuses, revisions, artifacts and refs are written by the ledger alone. */
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { CopyState, EnvironmentStatus, JobType } from '../states.js';
import type { GrantRole, PackageManagerType } from '../words.js';
import { IdempotencyRecord } from './auth.js';
import { CounterColumn, IdColumn, JsonColumn, NowColumn, TimeColumn } from './columns.js';

@Entity({ schema: 'environments', name: 'environments' })
@Check(
  'environments_status_check',
  `status IN ('pending', 'creating', 'ready', 'updating', 'failed', 'deleting', 'deleted')`,
)
@Check('environments_package_manager_check', `package_manager IN ('pixi', 'uv')`)
@Index('environments_name_key', ['organization_id', 'name'], { unique: true, where: 'deleted_at IS NULL' })
@Index('environments_list_idx', ['organization_id', 'created_at', 'id'], { where: 'deleted_at IS NULL' })
@Index('environments_all_idx', ['created_at', 'id'], { where: 'deleted_at IS NULL' })
export class Environment {
  @IdColumn('environments_pkey') id: string;
  @Column('text') name: string;
  @Column('text', { default: '' }) description: string;
  @JsonColumn({ default: {} }) labels: Record<string, string>;
  @Column('uuid') organization_id: string;
  @Column('uuid') owner_id: string;
  @Column('text') package_manager: PackageManagerType;
  /** The Python asked for, null when the newest is fine; the one it has is in its revisions. */
  @Column('text', { nullable: true }) python: string | null;
  @Column('text', { array: true, default: '{}' }) channels: string[];
  @Column('text', { array: true, default: '{}' }) platforms: string[];
  /** Follows from the rows, see environmentStatus; the ledger writes it after every move. */
  @Column('text', { default: 'pending' }) status: EnvironmentStatus;
  /** Number of the newest committed revision. */
  @Column('int', { nullable: true }) revision: number | null;
  /** Number of the newest revision that `current` was switched to: what people see and the next change starts from. */
  @Column('int', { nullable: true }) published_revision: number | null;
  /** The store that has its trees and links; null before the first revision. */
  @Column('uuid', { nullable: true }) store_id: string | null;
  /** How the last change ended, when that was not with a revision. */
  @JsonColumn({ nullable: true }) last_error: { code: string; message: string } | null;
  @NowColumn() created_at: Date;
  @NowColumn() updated_at: Date;
  @TimeColumn({ nullable: true }) deleted_at: Date | null;
}

/** A text kept once: manifest, lockfile, plan, export. */
@Entity({ schema: 'environments', name: 'documents' })
export class Document {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'documents_pkey' }) sha256: string;
  @Column('text') content: string;
  @Column('int') size_bytes: number;
  /** Raised whenever it is referenced again, so that collection does not race with a new reference. */
  @Index('documents_referenced_idx')
  @NowColumn()
  referenced_at: Date;
}

/** A folder that workers share; workers report it by the uuid in its `.darb-store`. */
@Entity({ schema: 'environments', name: 'stores' })
export class Store {
  @IdColumn('stores_pkey') id: string;
  /** Absolute root as its workers see it. */
  @Column('text') root: string;
  @NowColumn() created_at: Date;
  @TimeColumn({ nullable: true }) collected_at: Date | null;
  @TimeColumn({ nullable: true }) verified_at: Date | null;
  @TimeColumn({ nullable: true }) repaired_at: Date | null;
}

/** What a tree is, wherever it lies: found by the digest of all that determines it. */
@Entity({ schema: 'environments', name: 'artifacts' })
@Index('artifacts_digest_key', ['pool', 'digest'], { unique: true })
export class Artifact {
  @IdColumn('artifacts_pkey') id: string;
  @Column('text') pool: string;
  /** sha256 of all that determines the tree, 64 hex digits. */
  @Column('text') digest: string;
  @Column('text') package_manager: PackageManagerType;
  /** The digest's inputs without the lockfile, which is a document: enough to build the tree again. */
  @JsonColumn({ nullable: true }) inputs: Record<string, unknown> | null;
  @Column('text', { nullable: true }) lockfile_sha256: string | null;
  @CounterColumn({ nullable: true }) size_bytes: number | null;
  @CounterColumn({ nullable: true }) file_count: number | null;
  @Column('text', { nullable: true }) tool_version: string | null;
  @Column('text', { nullable: true }) python_version: string | null;
  @NowColumn() created_at: Date;
}

/** An artifact in one store. A new build is a new row: nothing is ever rebuilt in place. */
@Entity({ schema: 'environments', name: 'artifact_copies' })
@Check('artifact_copies_state_check', `state IN ('building', 'ready', 'damaged', 'deleting', 'deleted')`)
// The first finish of a digest wins in each store.
@Index('artifact_copies_ready_key', ['artifact_id', 'store_id'], { unique: true, where: `state = 'ready'` })
@Index('artifact_copies_path_key', ['store_id', 'path'], { unique: true })
@Index('artifact_copies_store_idx', ['store_id', 'state', 'used_at'])
export class ArtifactCopy {
  @IdColumn('artifact_copies_pkey') id: string;
  @Index('artifact_copies_artifact_idx')
  @ForeignKey('Artifact', 'id', { name: 'artifact_copies_artifact_fkey' })
  @Column('uuid')
  artifact_id: string;
  @Column('uuid') store_id: string;
  /** Relative to the store's root. */
  @Column('text') path: string;
  @Column('text', { default: 'building' }) state: CopyState;
  @NowColumn() created_at: Date;
  /** When somebody last took or gave up a reference: collection counts its age from here. */
  @NowColumn() used_at: Date;
}

/** What keeps an artifact from being collected: a running epoch (its copy), or a revision (every copy). */
@Entity({ schema: 'environments', name: 'artifact_refs' })
@Check('artifact_refs_kind_check', `kind IN ('job', 'revision')`)
@Index('artifact_refs_holder_idx', ['holder_id', 'number'])
export class ArtifactRef {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'artifact_refs_pkey' })
  @ForeignKey('Artifact', 'id', { name: 'artifact_refs_artifact_fkey' })
  artifact_id: string;
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'artifact_refs_pkey' }) kind: 'job' | 'revision';
  /** The job, or the environment of the revision. */
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'artifact_refs_pkey' }) holder_id: string;
  /** The epoch, or the revision's number. */
  @PrimaryColumn({ type: 'int', primaryKeyConstraintName: 'artifact_refs_pkey' }) number: number;
  /** The copy that the epoch builds or takes over; null for a revision. */
  @Index('artifact_refs_copy_idx', { where: 'copy_id IS NOT NULL' })
  @Column('uuid', { nullable: true })
  copy_id: string | null;
}

@Entity({ schema: 'environments', name: 'revisions' })
export class Revision {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'revisions_pkey' })
  @ForeignKey('Environment', 'id', { name: 'revisions_environment_fkey' })
  environment_id: string;
  @PrimaryColumn({ type: 'int', primaryKeyConstraintName: 'revisions_pkey' }) number: number;
  @Index('revisions_job_key', { unique: true })
  @Column('uuid')
  job_id: string;
  @Index('revisions_manifest_idx')
  @ForeignKey('Document', 'sha256', { name: 'revisions_manifest_fkey' })
  @Column('text')
  manifest_sha256: string;
  @Index('revisions_lockfile_idx')
  @ForeignKey('Document', 'sha256', { name: 'revisions_lockfile_fkey' })
  @Column('text')
  lockfile_sha256: string;
  @Column('text') digest: string;
  @Index('revisions_artifact_idx')
  @ForeignKey('Artifact', 'id', { name: 'revisions_artifact_fkey' })
  @Column('uuid')
  artifact_id: string;
  /** Why it was made. */
  @Column('text') reason: JobType;
  /** Specs or names of the job that made it. */
  @Column('text', { array: true, default: '{}' }) packages: string[];
  @Column('text', { nullable: true }) tool_version: string | null;
  @Column('text', { nullable: true }) python_version: string | null;
  @CounterColumn({ nullable: true }) size_bytes: number | null;
  @Column('int') package_count: number;
  /** What the check of its tree found odd, but no fault. */
  @Column('text', { array: true, default: '{}' }) warnings: string[];
  /** Null when Darb itself made it. */
  @Column('uuid', { nullable: true }) created_by: string | null;
  @NowColumn() created_at: Date;
  @TimeColumn({ nullable: true }) published_at: Date | null;
}

@Entity({ schema: 'environments', name: 'revision_packages' })
@Index('revision_packages_name_idx', ['name', 'version'])
@ForeignKey('Revision', ['environment_id', 'number'], ['environment_id', 'number'], {
  name: 'revision_packages_revision_fkey',
  onDelete: 'CASCADE',
})
export class RevisionPackage {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'revision_packages_pkey' }) environment_id: string;
  @PrimaryColumn({ type: 'int', primaryKeyConstraintName: 'revision_packages_pkey' }) number: number;
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'revision_packages_pkey' }) kind: 'conda' | 'pypi';
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'revision_packages_pkey' }) name: string;
  @Column('text') version: string;
  @Column('text', { nullable: true }) build: string | null;
  @Column('text', { nullable: true }) channel: string | null;
  @Column('boolean') explicit: boolean;
  @Column('text', { nullable: true }) requested: string | null;
  @CounterColumn({ nullable: true }) size_bytes: number | null;
  @Column('text', { nullable: true }) license: string | null;
}

/** One environment shared with one user or one organization. */
@Entity({ schema: 'environments', name: 'access_grants' })
@Check('access_grants_role_check', `role IN ('viewer', 'editor')`)
@Check('access_grants_grantee_check', `(user_id IS NULL) <> (organization_id IS NULL)`)
@Index('access_grants_user_key', ['user_id', 'environment_id'], {
  unique: true,
  where: 'user_id IS NOT NULL',
})
@Index('access_grants_organization_key', ['organization_id', 'environment_id'], {
  unique: true,
  where: 'organization_id IS NOT NULL',
})
export class AccessGrant {
  @IdColumn('access_grants_pkey') id: string;
  @Index('access_grants_environment_idx')
  @ForeignKey('Environment', 'id', { name: 'access_grants_environment_fkey', onDelete: 'CASCADE' })
  @Column('uuid')
  environment_id: string;
  @Column('uuid', { nullable: true }) user_id: string | null;
  @Column('uuid', { nullable: true }) organization_id: string | null;
  @Column('text') role: GrantRole;
  @Column('uuid') created_by: string;
  @NowColumn() created_at: Date;
}

@Entity({ schema: 'environments', name: 'idempotency_keys' })
@Index('environments_idempotency_keys_created_idx', ['created_at'])
export class EnvironmentsIdempotencyKey extends IdempotencyRecord {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'environments_idempotency_keys_pkey' })
  actor_id: string;
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'environments_idempotency_keys_pkey' })
  key: string;
}
