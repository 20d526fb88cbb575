import { ENVIRONMENT_VIEW, firstRow, rows } from '@darb/ledger';
import type { EnvironmentViewRow, Queryable } from '@darb/ledger';
import type { GrantRole } from '@darb/models';
import type { Environment } from '@darb/models/entities';
import { tenantFilter } from '@darb/service-kit';
import type { Actor } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EntityManager } from 'typeorm';

export interface EnvironmentFilter {
  q?: string;
  status?: string;
  package_manager?: string;
}

/** Last row of the page before, as the cursor carries it. */
export interface EnvironmentKey {
  created_at: string;
  id: string;
}

export type NewEnvironment = Pick<
  Environment,
  | 'id'
  | 'name'
  | 'description'
  | 'labels'
  | 'organization_id'
  | 'owner_id'
  | 'package_manager'
  | 'python'
  | 'channels'
  | 'platforms'
>;

export type VisibleEnvironment = EnvironmentViewRow & { grant_role: GrantRole | null };

const COLUMNS = { organizationColumn: 'e.organization_id', environmentColumn: 'e.id' };

@Injectable()
export class EnvironmentsRepository {
  constructor(private readonly dataSource: DataSource) {}

  transaction<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    return this.dataSource.transaction(work);
  }

  /** The environment with the caller's best grant on it, or undefined when the caller may not see it. */
  async findVisible(actor: Actor, id: string): Promise<VisibleEnvironment | undefined> {
    const filter = tenantFilter(actor, COLUMNS, 4);
    return firstRow<VisibleEnvironment>(
      this.dataSource,
      `SELECT v.*, (
         SELECT g.role FROM environments.access_grants g
         WHERE g.environment_id = v.id AND (g.user_id = $2 OR g.organization_id = ANY($3::uuid[]))
         ORDER BY g.role = 'editor' DESC LIMIT 1
       ) AS grant_role
       FROM (${ENVIRONMENT_VIEW} WHERE e.id = $1 AND e.deleted_at IS NULL AND ${filter.sql}) v`,
      [id, actor.userId, actor.organizations.map((organization) => organization.id), ...filter.parameters],
    );
  }

  /** Newest first; one row more than `limit` when there is a next page. */
  async list(
    actor: Actor,
    filter: EnvironmentFilter,
    after: EnvironmentKey | null,
    limit: number,
  ): Promise<EnvironmentViewRow[]> {
    const tenant = tenantFilter(actor, COLUMNS, 1);
    const parameters = [...tenant.parameters];
    const conditions = ['e.deleted_at IS NULL', tenant.sql];
    const where = (condition: (place: string) => string, value: unknown): void => {
      parameters.push(value);
      conditions.push(condition(`$${parameters.length}`));
    };
    if (filter.q) where((place) => `e.name ILIKE '%' || ${place} || '%'`, escapeLike(filter.q));
    if (filter.status) where((place) => `e.status = ${place}`, filter.status);
    if (filter.package_manager) where((place) => `e.package_manager = ${place}`, filter.package_manager);
    if (after) {
      parameters.push(after.created_at, after.id);
      conditions.push(`(e.created_at, e.id) < ($${parameters.length - 1}, $${parameters.length})`);
    }
    parameters.push(limit + 1);
    return rows<EnvironmentViewRow>(
      this.dataSource,
      `${ENVIRONMENT_VIEW} WHERE ${conditions.join(' AND ')}
       ORDER BY e.created_at DESC, e.id DESC LIMIT $${parameters.length}`,
      parameters,
    );
  }

  async insert(tx: Queryable, environment: NewEnvironment): Promise<void> {
    await tx.query(
      `INSERT INTO environments.environments
         (id, name, description, labels, organization_id, owner_id, package_manager, python, channels, platforms)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        environment.id,
        environment.name,
        environment.description,
        JSON.stringify(environment.labels),
        environment.organization_id,
        environment.owner_id,
        environment.package_manager,
        environment.python,
        environment.channels,
        environment.platforms,
      ],
    );
  }

  /** An organization by id or name, whoever asks. */
  async findOrganization(idOrName: string): Promise<{ id: string; name: string } | undefined> {
    return firstRow(
      this.dataSource,
      'SELECT id, name FROM auth.organizations WHERE id::text = $1 OR name = $1',
      [idOrName],
    );
  }
}

/** `%` and `_` in what a person typed stand for themselves. */
function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, (character) => `\\${character}`);
}
