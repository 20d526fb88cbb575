import type { Actor } from './actor.js';
import { visibleOrganizations } from './permissions.js';

export interface TenantColumns {
  /** SQL of the owning organization's id, for example `e.organization_id`. */
  organizationColumn: string;
  /** SQL of the environment's id, for rows that a grant of that environment makes visible. */
  environmentColumn?: string;
}

export interface SqlFragment {
  sql: string;
  parameters: unknown[];
}

/**
 * The WHERE condition that every query for a caller carries. `firstParameter` is the number of its first `$n`.
 * The column names come from code, never from a request.
 */
export function tenantFilter(actor: Actor, columns: TenantColumns, firstParameter = 1): SqlFragment {
  const organizations = visibleOrganizations(actor);
  if (organizations === 'all') return { sql: 'TRUE', parameters: [] };
  const own = `$${firstParameter}::uuid[]`;
  const inOrganization = `${columns.organizationColumn} = ANY(${own})`;
  if (!columns.environmentColumn) return { sql: inOrganization, parameters: [organizations] };
  const granted =
    `EXISTS (SELECT 1 FROM environments.access_grants g WHERE g.environment_id = ${columns.environmentColumn}` +
    ` AND (g.user_id = $${firstParameter + 1} OR g.organization_id = ANY(${own})))`;
  return { sql: `(${inOrganization} OR ${granted})`, parameters: [organizations, actor.userId] };
}
