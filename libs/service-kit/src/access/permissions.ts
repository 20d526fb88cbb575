/** The one permission table of Darb, and the questions that are asked of it. */
import type { GrantRole, InstanceRole, OrganizationRole } from '@darb/models';
import { forbidden, notFound } from '../http/problem.js';
import type { Actor } from './actor.js';

const EVERYONE: readonly OrganizationRole[] = ['owner', 'admin', 'member', 'viewer'];
const MAKERS: readonly OrganizationRole[] = ['owner', 'admin', 'member'];
const MANAGERS: readonly OrganizationRole[] = ['owner', 'admin'];

/** Decided by the role in the organization that owns the resource. */
const ORGANIZATION_PERMISSIONS = {
  'environments:read': EVERYONE,
  'environments:create': MAKERS,
  'environments:update': MAKERS,
  'environments:delete': MAKERS,
  'environments:share': MANAGERS,
  'jobs:read': EVERYONE,
  'jobs:cancel': MAKERS,
  'jobs:retry': MAKERS,
} as const satisfies Record<string, readonly OrganizationRole[]>;

/** What a grant of one environment gives beside any role. */
const GRANT_PERMISSIONS: Readonly<Record<GrantRole, readonly Permission[]>> = {
  viewer: ['environments:read', 'jobs:read'],
  editor: ['environments:read', 'environments:update', 'jobs:read', 'jobs:cancel', 'jobs:retry'],
};

/** Decided by the role in this Darb, whatever the organization. */
const INSTANCE_PERMISSIONS = {
  /** A person's own account, sessions and password. */
  self: ['admin', 'user'],
  'organizations:read': ['admin', 'user'],
  'package_managers:read': ['admin', 'user'],
  'workers:read': ['admin', 'user'],
  'workers:drain': ['admin'],
  'queue:read': ['admin', 'user'],
  'storage:read': ['admin', 'user'],
  'storage:manage': ['admin'],
  'users:read': ['admin'],
  'users:write': ['admin'],
} as const satisfies Record<string, readonly InstanceRole[]>;

export type OrganizationPermission = keyof typeof ORGANIZATION_PERMISSIONS;
export type InstancePermission = keyof typeof INSTANCE_PERMISSIONS;
export type Permission = OrganizationPermission | InstancePermission;

/** Where a permission is asked for: the owning organization, and the caller's grant on the environment, if any. */
export interface Resource {
  organizationId: string;
  grant?: GrantRole | null;
}

/**
 * Whether the actor may do it. For an organization's permission give the organization (or a Resource); without one
 * the question is "anywhere at all?", which is what the guard asks before the handler knows the resource.
 */
export function can(actor: Actor, permission: Permission, where?: string | Resource): boolean {
  if (actor.role === 'admin') return true;
  if (isInstancePermission(permission)) return includes(INSTANCE_PERMISSIONS[permission], actor.role);
  const roles = ORGANIZATION_PERMISSIONS[permission];
  if (where === undefined) {
    // Grants are looked up with the resource, so they can't be ruled out here.
    return actor.organizations.some(({ role }) => includes(roles, role)) || isGrantable(permission);
  }
  const resource = typeof where === 'string' ? { organizationId: where } : where;
  const membership = actor.organizations.find(({ id }) => id === resource.organizationId);
  if (membership && includes(roles, membership.role)) return true;
  return resource.grant ? GRANT_PERMISSIONS[resource.grant].includes(permission) : false;
}

/** 404 for who may not see the resource, 403 for who sees it but may not do this. */
export function authorize(
  actor: Actor,
  permission: OrganizationPermission,
  resource: Resource,
  what: string,
): void {
  const read = permission.startsWith('jobs:') ? 'jobs:read' : 'environments:read';
  if (!can(actor, read, resource)) throw notFound(what);
  if (!can(actor, permission, resource)) {
    throw forbidden(`You may see this ${what}, but your role does not allow ${permission}.`);
  }
}

/** Ids of the organizations whose resources the actor sees, `all` for an instance admin. */
export function visibleOrganizations(actor: Actor): string[] | 'all' {
  return actor.role === 'admin' ? 'all' : actor.organizations.map(({ id }) => id);
}

function isInstancePermission(permission: Permission): permission is InstancePermission {
  return permission in INSTANCE_PERMISSIONS;
}

function isGrantable(permission: Permission): boolean {
  return Object.values(GRANT_PERMISSIONS).some((permissions) => permissions.includes(permission));
}

function includes<T extends string>(list: readonly T[], value: T): boolean {
  return list.includes(value);
}
