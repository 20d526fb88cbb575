import { createTestApp, TestIdentity } from '@darb/service-kit';
import type { TestUser } from '@darb/service-kit';
import { createTestDatabase } from '@darb/testing';
import type { TestDatabase } from '@darb/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SERVICE } from '../src/service.js';

describe('what a person sees', () => {
  let database: TestDatabase;
  let sql: DataSource;
  let identity: TestIdentity;
  let app: NestFastifyApplication;
  let ada: TestUser;
  let bob: TestUser;
  let eve: TestUser;
  let root: TestUser;
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    database = await createTestDatabase();
    sql = await new DataSource({ type: 'postgres', url: database.dsn }).initialize();
    identity = await TestIdentity.start();
    app = await createTestApp({
      ...SERVICE,
      environment: {
        DARB_DATABASE_DSN: database.dsn,
        DARB_AUTH_JWT_SECRET: 'kR8v2mQx7Lw4Tz9Yc3Hn6Bp1Sd5Fg0Ja',
        DARB_AUTH_URL: identity.url,
      },
    });
    [ada, bob, eve] = await Promise.all([
      identity.createUser(sql, 'ada'),
      identity.createUser(sql, 'bob'),
      identity.createUser(sql, 'eve'),
    ]);
    root = await identity.createUser(sql, 'root', 'admin');
    // Two of them were made in the same millisecond: only the id tells their order.
    const made: [name: string, owner: TestUser, minute: number][] = [
      ['ada-old', ada, 1],
      ['bob-shared', bob, 2],
      ['ada-mid', ada, 2],
      ['bob-private', bob, 3],
      ['bob-edited', bob, 4],
      ['ada-deleted', ada, 5],
      ['ada-new', ada, 6],
    ];
    for (const [name, owner, minute] of made) {
      const [row] = await sql.query<{ id: string }[]>(
        `INSERT INTO environments.environments
           (id, name, organization_id, owner_id, package_manager, status, created_at, deleted_at)
         VALUES (gen_random_uuid(), $1, $2, $3, 'uv', 'ready', timestamptz '2025-01-01' + $4 * interval '1 minute',
                 CASE WHEN $1 LIKE '%deleted' THEN now() END) RETURNING id`,
        [name, owner.organizationId, owner.userId, minute],
      );
      ids[name] = row!.id;
    }
    const grant = (name: string, role: string, user: string | null, organization: string | null) =>
      sql.query(
        `INSERT INTO environments.access_grants (id, environment_id, user_id, organization_id, role, created_by)
         VALUES (gen_random_uuid(), $1, $2, $3, $4, $5)`,
        [ids[name], user, organization, role, bob.userId],
      );
    // Shared with her and with her organization too, and one of her own with herself: each is still one environment.
    await grant('bob-shared', 'viewer', ada.userId, null);
    await grant('bob-edited', 'viewer', ada.userId, null);
    await grant('bob-edited', 'editor', null, ada.organizationId);
    await grant('ada-mid', 'viewer', ada.userId, null);
  });
  afterAll(async () => {
    await app.close();
    await identity.stop();
    await sql.destroy();
    await database.drop();
  });

  const get = async (user: TestUser, path: string) => {
    const response = await app.inject({
      url: `/api/v1${path}`,
      headers: { authorization: user.authorization },
    });
    return { status: response.statusCode, body: response.json() };
  };
  const names = async (user: TestUser, limit: number, query = '') => {
    const seen: string[] = [];
    let cursor = '';
    do {
      const { status, body } = await get(user, `/environments?limit=${limit}&cursor=${cursor}${query}`);
      expect(status).toBe(200);
      expect(body.items.length).toBeLessThanOrEqual(limit);
      seen.push(...body.items.map((item: { name: string }) => item.name));
      cursor = body.next_cursor ?? '';
    } while (cursor);
    return seen;
  };
  const sameMinute = () =>
    ['bob-shared', 'ada-mid'].sort((left, right) => (ids[left]! < ids[right]! ? 1 : -1));

  it('is what belongs to them or is shared with them, once each, newest first, whatever the size of a page', async () => {
    const expected = ['ada-new', 'bob-edited', ...sameMinute(), 'ada-old'];
    for (const limit of [1, 2, 3, 50]) expect(await names(ada, limit)).toEqual(expected);
    expect(await names(eve, 1)).toEqual([]);
    expect(await names(root, 2)).toEqual([
      'ada-new',
      'bob-edited',
      'bob-private',
      ...sameMinute(),
      'ada-old',
    ]);
  });

  it('can be narrowed, and stays theirs', async () => {
    expect(await names(ada, 1, '&q=bob')).toEqual(['bob-edited', 'bob-shared']);
    expect(await names(ada, 1, '&q=_')).toEqual([]);
    expect(await names(ada, 1, '&status=failed')).toEqual([]);
    expect(await names(ada, 2, '&package_manager=uv')).toHaveLength(5);
  });

  it('is decided for one environment as for the list', async () => {
    const statusFor = async (user: TestUser, name: string) =>
      (await get(user, `/environments/${ids[name]}`)).status;
    for (const name of ['ada-old', 'bob-shared', 'bob-edited'])
      expect([name, await statusFor(ada, name)]).toEqual([name, 200]);
    for (const name of ['bob-private', 'ada-deleted'])
      expect([name, await statusFor(ada, name)]).toEqual([name, 404]);
    expect(await statusFor(eve, 'bob-shared')).toBe(404);
    expect(await statusFor(root, 'bob-private')).toBe(200);
  });

  it('may be changed where the strongest of several grants says so', async () => {
    const install = (name: string) =>
      app.inject({
        method: 'POST',
        url: `/api/v1/environments/${ids[name]}/packages`,
        payload: { packages: ['rich'] },
        headers: { authorization: ada.authorization },
      });
    expect((await install('bob-shared')).statusCode).toBe(403);
    expect((await install('bob-edited')).statusCode).not.toBe(403);
  });
});
