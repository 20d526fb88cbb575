import { ENVIRONMENT_VIEW, firstRow, rows } from '@darb/ledger';
import type { EnvironmentViewRow, Queryable } from '@darb/ledger';
import type { GrantRole } from '@darb/models';
import type { Environment } from '@darb/models/entities';
import { visibleOrganizations } from '@darb/service-kit';
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

@Injectable()
export class EnvironmentsRepository {
  constructor(private readonly dataSource: DataSource) {}

  transaction<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    return this.dataSource.transaction(work);
  }

  /** The environment with the caller's best grant on it, or undefined when the caller may not see it. */
  async findVisible(actor: Actor, id: string): Promise<VisibleEnvironment | undefined> {
    const found = `${ENVIRONMENT_VIEW} WHERE e.id = $1 AND e.deleted_at IS NULL`;
    const organizations = visibleOrganizations(actor);
    if (organizations === 'all') {
      return firstRow(this.dataSource, `SELECT v.*, NULL AS grant_role FROM (${found}) v`, [id]);
    }
    return firstRow<VisibleEnvironment>(
      this.dataSource,
      // 'editor' sorts before 'viewer': the smallest is the strongest.
      `SELECT v.*, granted.role AS grant_role
       FROM (${found}) v
       CROSS JOIN LATERAL (
         SELECT min(g.role) AS role FROM (
           SELECT role FROM environments.access_grants WHERE user_id = $2 AND environment_id = v.id
           UNION ALL
           SELECT role FROM environments.access_grants
           WHERE organization_id = ANY($3::uuid[]) AND environment_id = v.id
         ) g
       ) granted
       WHERE v.organization_id = ANY($3) OR granted.role IS NOT NULL`,
      [id, actor.userId, organizations],
    );
  }

  /** Newest first; one row more than `limit` when there is a next page. */
  async list(
    actor: Actor,
    filter: EnvironmentFilter,
    after: EnvironmentKey | null,
    limit: number,
  ): Promise<EnvironmentViewRow[]> {
    const parameters: unknown[] = [];
    const bind = (value: unknown) => `$${parameters.push(value)}`;
    const conditions = listConditions(filter, after, bind);
    const page = visiblePage(actor, conditions, bind(limit + 1), bind);
    return rows<EnvironmentViewRow>(
      this.dataSource,
      `${ENVIRONMENT_VIEW} JOIN (${page}) page ON page.id = e.id ${orderOf('e')}`,
      parameters,
    );
  }

  /** An environment as the API shows it, within a transaction that just wrote it. */
  async read(tx: Queryable, id: string): Promise<EnvironmentViewRow> {
    const row = await firstRow<EnvironmentViewRow>(tx, `${ENVIRONMENT_VIEW} WHERE e.id = $1`, [id]);
    return row!;
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

type Bind = (value: unknown) => string;

function listConditions(filter: EnvironmentFilter, after: EnvironmentKey | null, bind: Bind): string[] {
  return [
    'e.deleted_at IS NULL',
    ...(filter.q ? [`e.name ILIKE '%' || ${bind(escapeLike(filter.q))} || '%'`] : []),
    ...(filter.status ? [`e.status = ${bind(filter.status)}`] : []),
    ...(filter.package_manager ? [`e.package_manager = ${bind(filter.package_manager)}`] : []),
    ...(after
      ? [`(e.created_at, e.id) < (${bind(after.created_at)}::timestamptz, ${bind(after.id)}::uuid)`]
      : []),
  ];
}

/**
 * SQL of the ids of a page. One short scan of an index for each of the caller's organizations, and one look at each
 * environment that is shared with them: what a page costs depends neither on how many environments there are nor on
 * how far down the list it is.
 */
function visiblePage(actor: Actor, conditions: string[], limit: string, bind: Bind): string {
  const scan = (...more: string[]) =>
    `SELECT e.id, e.created_at FROM environments.environments e
     WHERE ${[...conditions, ...more].join(' AND ')} ${orderOf('e')} LIMIT ${limit}`;
  const organizations = visibleOrganizations(actor);
  if (organizations === 'all') return scan();
  const own = `${bind(organizations)}::uuid[]`;
  return `
    SELECT visible.id FROM (
      SELECT mine.* FROM unnest(${own}) AS organization (id)
      CROSS JOIN LATERAL (${scan('e.organization_id = organization.id')}) mine
      UNION ALL
      SELECT shared.* FROM (
        SELECT environment_id AS id FROM environments.access_grants WHERE user_id = ${bind(actor.userId)}
        UNION
        SELECT environment_id FROM environments.access_grants WHERE organization_id = ANY(${own})
      ) environment
      CROSS JOIN LATERAL (${scan('e.id = environment.id', `e.organization_id <> ALL(${own})`)}) shared
    ) visible ${orderOf('visible')} LIMIT ${limit}`;
}

function orderOf(table: string): string {
  return `ORDER BY ${table}.created_at DESC, ${table}.id DESC`;
}

/** `%` and `_` in what a person typed stand for themselves. */
function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, (character) => `\\${character}`);
}
