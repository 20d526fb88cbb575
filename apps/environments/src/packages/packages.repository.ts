import { firstRow, rows } from '@darb/ledger';
import type { PackageRecord } from '@darb/models';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

type PackageRow = Omit<PackageRecord, 'size_bytes'> & { size_bytes: string | null };

export interface PackageFilter {
  q?: string;
  explicit?: boolean;
}

export interface PackageKey {
  name: string;
  kind: string;
}

@Injectable()
export class PackagesRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** By name; one row more than `limit` when there is a next page. */
  async list(
    environmentId: string,
    revision: number,
    filter: PackageFilter,
    after: PackageKey | null,
    limit: number,
  ): Promise<PackageRecord[]> {
    const found = await rows<PackageRow>(
      this.dataSource,
      `SELECT name, version, kind, build, channel, explicit, requested, size_bytes, license
       FROM environments.revision_packages
       WHERE environment_id = $1 AND number = $2
         AND ($3::text IS NULL OR strpos(name, lower($3)) > 0)
         AND ($4::boolean IS NULL OR explicit = $4)
         AND ($5::text IS NULL OR (name, kind) > ($5, $6))
       ORDER BY name, kind LIMIT $7`,
      [
        environmentId,
        revision,
        filter.q ?? null,
        filter.explicit ?? null,
        after?.name ?? null,
        after?.kind ?? null,
        limit + 1,
      ],
    );
    return found.map((row) => ({
      ...row,
      size_bytes: row.size_bytes === null ? null : Number(row.size_bytes),
    }));
  }

  /** Whether the revision has the package, and whether somebody asked for it. */
  async find(
    environmentId: string,
    revision: number,
    name: string,
  ): Promise<{ explicit: boolean } | undefined> {
    return firstRow(
      this.dataSource,
      `SELECT bool_or(explicit) AS explicit FROM environments.revision_packages
       WHERE environment_id = $1 AND number = $2 AND name = $3 GROUP BY name`,
      [environmentId, revision, name],
    );
  }
}
