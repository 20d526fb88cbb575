import { Problem, decodeCursor, notFound, pageOf } from '@darb/service-kit';
import type { Actor, PageQuery } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import { EnvironmentsService } from '../environments/environments.service.js';
import type { LockfileDto, ManifestDto, RevisionDto } from './revisions.dto.js';
import { RevisionsRepository } from './revisions.repository.js';
import type { RevisionRow } from './revisions.repository.js';

const KEY_LENGTH = 1;
const FILENAMES = {
  uv: { manifest: 'pyproject.toml', lockfile: 'uv.lock' },
  pixi: { manifest: 'pixi.toml', lockfile: 'pixi.lock' },
} as const;

@Injectable()
export class RevisionsService {
  constructor(
    private readonly revisions: RevisionsRepository,
    private readonly environments: EnvironmentsService,
  ) {}

  async list(
    actor: Actor,
    environmentId: string,
    query: PageQuery,
  ): Promise<{ items: RevisionDto[]; next_cursor: string | null }> {
    const environment = await this.environments.find(actor, environmentId);
    const shape = { list: 'revisions', environmentId };
    const key = decodeCursor(query.cursor, shape, KEY_LENGTH);
    const found = await this.revisions.list(environmentId, key && Number(key[0]), query.limit);
    return pageOf<RevisionRow, RevisionDto>(
      found,
      query.limit,
      (row) => toRevisionObject(row, environment.published_revision),
      (row) => [row.number],
      shape,
    );
  }

  async find(actor: Actor, environmentId: string, number: string): Promise<RevisionDto> {
    const environment = await this.environments.find(actor, environmentId);
    const row = /^[1-9]\d{0,8}$/.test(number) && (await this.revisions.find(environmentId, Number(number)));
    if (!row) throw notFound('revision');
    return toRevisionObject(row, environment.published_revision);
  }

  async manifest(actor: Actor, environmentId: string): Promise<ManifestDto> {
    const { documents, revision, filenames } = await this.documents(actor, environmentId);
    return { filename: filenames.manifest, manifest: documents.manifest, revision };
  }

  async lockfile(actor: Actor, environmentId: string): Promise<LockfileDto> {
    const { documents, revision, filenames } = await this.documents(actor, environmentId);
    return { filename: filenames.lockfile, lockfile: documents.lockfile, revision };
  }

  private async documents(actor: Actor, environmentId: string) {
    const environment = await this.environments.find(actor, environmentId);
    const documents =
      environment.published_revision !== null &&
      (await this.revisions.documents(environmentId, environment.published_revision));
    if (environment.published_revision === null || !documents) {
      throw new Problem(
        404,
        'no_revision',
        `${environment.name} has no revision yet: its first job has not completed.`,
      );
    }
    return {
      documents,
      revision: environment.published_revision,
      filenames: FILENAMES[environment.package_manager],
    };
  }
}

function toRevisionObject(row: RevisionRow, newest: number | null): RevisionDto {
  return {
    number: row.number,
    current: row.number === newest,
    reason: row.reason,
    packages: row.packages,
    job_id: row.job_id,
    package_count: row.package_count,
    size_bytes: row.size_bytes === null ? null : Number(row.size_bytes),
    python_version: row.python_version,
    tool_version: row.tool_version,
    digest: row.digest,
    warnings: row.warnings,
    path: row.path,
    created_by: row.created_by,
    created_at: row.created_at.toISOString(),
  };
}
