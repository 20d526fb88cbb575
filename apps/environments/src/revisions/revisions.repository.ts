import { firstRow, rows } from '@darb/ledger';
import type { Revision } from '@darb/models/entities';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** A revision without its documents. bigint columns arrive as text. */
export type RevisionRow = Omit<Revision, 'size_bytes'> & {
  size_bytes: string | null;
  path: string | null;
};

const COLUMNS = `r.environment_id, r.number, r.job_id, r.digest, r.artifact_id, r.reason, r.packages, r.tool_version,
  r.python_version, r.size_bytes, r.package_count, r.warnings, r.created_by, r.created_at, r.published_at,
  (SELECT s.root || '/' || c.path FROM environments.artifact_copies c
   JOIN environments.stores s ON s.id = c.store_id
   WHERE c.artifact_id = r.artifact_id AND c.state = 'ready' ORDER BY c.store_id LIMIT 1) AS path`;

@Injectable()
export class RevisionsRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Newest first; one row more than `limit` when there is a next page. */
  list(environmentId: string, before: number | null, limit: number): Promise<RevisionRow[]> {
    return rows<RevisionRow>(
      this.dataSource,
      `SELECT ${COLUMNS} FROM environments.revisions r
       WHERE r.environment_id = $1 AND ($2::int IS NULL OR r.number < $2) ORDER BY r.number DESC LIMIT $3`,
      [environmentId, before, limit + 1],
    );
  }

  find(environmentId: string, number: number): Promise<RevisionRow | undefined> {
    return firstRow<RevisionRow>(
      this.dataSource,
      `SELECT ${COLUMNS} FROM environments.revisions r WHERE r.environment_id = $1 AND r.number = $2`,
      [environmentId, number],
    );
  }

  documents(
    environmentId: string,
    number: number,
  ): Promise<{ manifest: string; lockfile: string } | undefined> {
    return firstRow(
      this.dataSource,
      `SELECT manifest.content AS manifest, lockfile.content AS lockfile FROM environments.revisions r
       JOIN environments.documents manifest ON manifest.sha256 = r.manifest_sha256
       JOIN environments.documents lockfile ON lockfile.sha256 = r.lockfile_sha256
       WHERE r.environment_id = $1 AND r.number = $2`,
      [environmentId, number],
    );
  }
}
