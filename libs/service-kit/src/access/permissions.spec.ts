import type { InstanceRole, OrganizationRole } from '@darb/models';
import { describe, expect, it } from 'vitest';
import { Problem } from '../http/problem.js';
import type { Actor } from './actor.js';
import { authorize, can, visibleOrganizations } from './permissions.js';
import { tenantFilter } from './tenant-filter.js';

function actor(role: OrganizationRole, instanceRole: InstanceRole = 'user'): Actor {
  return {
    userId: 'user',
    username: 'user',
    role: instanceRole,
    sessionId: 'session',
    organizations: [{ id: 'org', role }],
    personalOrganizationId: 'org',
  };
}

function status(work: () => void): number {
  try {
    work();
  } catch (error) {
    return (error as Problem).status;
  }
  return 200;
}

describe('can', () => {
  it.each<[OrganizationRole, boolean, boolean, boolean]>([
    ['viewer', true, false, false],
    ['member', true, true, false],
    ['admin', true, true, true],
    ['owner', true, true, true],
  ])('a %s reads %s, changes %s, shares %s', (role, reads, changes, shares) => {
    expect(can(actor(role), 'environments:read', 'org')).toBe(reads);
    expect(can(actor(role), 'environments:update', 'org')).toBe(changes);
    expect(can(actor(role), 'jobs:cancel', 'org')).toBe(changes);
    expect(can(actor(role), 'environments:share', 'org')).toBe(shares);
  });

  it('gives nothing in another organization', () => {
    expect(can(actor('owner'), 'environments:read', 'other')).toBe(false);
  });

  it('lets an instance admin do everything everywhere', () => {
    expect(can(actor('viewer', 'admin'), 'environments:delete', 'other')).toBe(true);
    expect(can(actor('viewer', 'admin'), 'users:write')).toBe(true);
  });

  it('keeps users to instance admins', () => {
    expect(can(actor('owner'), 'users:read')).toBe(false);
    expect(can(actor('viewer'), 'self')).toBe(true);
  });

  it('adds what a grant gives, and no more', () => {
    const resource = { organizationId: 'other', grant: 'editor' as const };
    expect(can(actor('owner'), 'environments:update', resource)).toBe(true);
    expect(can(actor('owner'), 'environments:delete', resource)).toBe(false);
    expect(can(actor('owner'), 'environments:update', { ...resource, grant: 'viewer' })).toBe(false);
  });

  it('asks "anywhere?" without a resource', () => {
    expect(can(actor('viewer'), 'environments:create')).toBe(false);
    // A grant may allow it; the service knows when it has the environment.
    expect(can(actor('viewer'), 'environments:update')).toBe(true);
  });
});

describe('authorize', () => {
  it('is 404 for what may not be seen and 403 for what may not be done', () => {
    const ask = (who: Actor, organizationId: string) =>
      status(() => authorize(who, 'environments:update', { organizationId }, 'environment'));
    expect(ask(actor('owner'), 'other')).toBe(404);
    expect(ask(actor('viewer'), 'org')).toBe(403);
    expect(ask(actor('member'), 'org')).toBe(200);
  });
});

describe('tenantFilter', () => {
  const columns = { organizationColumn: 'e.organization_id', environmentColumn: 'e.id' };

  it('hides nothing from an instance admin', () => {
    expect(visibleOrganizations(actor('viewer', 'admin'))).toBe('all');
    expect(tenantFilter(actor('viewer', 'admin'), columns)).toEqual({ sql: 'TRUE', parameters: [] });
  });

  it('numbers its parameters from where it is told', () => {
    const filter = tenantFilter(actor('viewer'), columns, 4);
    expect(filter.parameters).toEqual([['org'], 'user']);
    expect(filter.sql).toContain('e.organization_id = ANY($4::uuid[])');
    expect(filter.sql).toContain('g.user_id = $5');
  });

  it('leaves grants out where a row belongs to no environment', () => {
    const filter = tenantFilter(actor('viewer'), { organizationColumn: 'organization_id' });
    expect(filter).toEqual({ sql: 'organization_id = ANY($1::uuid[])', parameters: [['org']] });
  });
});
