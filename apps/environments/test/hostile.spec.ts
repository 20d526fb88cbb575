import { readFileSync } from 'node:fs';
import { createTestApp, forgedCursors, hostileRequests, TestIdentity } from '@darb/service-kit';
import type { TestUser } from '@darb/service-kit';
import { createTestDatabase } from '@darb/testing';
import type { TestDatabase } from '@darb/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SERVICE } from '../src/service.js';

const OPENAPI = JSON.parse(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8')) as object;

describe('hostile requests', () => {
  let database: TestDatabase;
  let sql: DataSource;
  let identity: TestIdentity;
  let app: NestFastifyApplication;
  let ada: TestUser;

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
        DARB_LOG_LEVEL: 'silent',
      },
    });
    ada = await identity.createUser(sql, 'ada', 'admin');
  });
  afterAll(async () => {
    await app.close();
    await identity.stop();
    await sql.destroy();
    await database.drop();
  });

  const addEnvironment = async (name: string) => {
    const [row] = await sql.query<{ id: string }[]>(
      `INSERT INTO environments.environments (id, name, organization_id, owner_id, package_manager)
       VALUES (gen_random_uuid(), $1, $2, $3, 'uv') RETURNING id`,
      [name, ada.organizationId, ada.userId],
    );
    return row!.id;
  };

  it('get a 4xx, whoever sends them, and leave the service as it was', async () => {
    const requests = hostileRequests(OPENAPI, await addEnvironment('victim'));
    expect(requests.length).toBeGreaterThan(500);
    const failures: string[] = [];
    for (const headers of [{}, { authorization: ada.authorization }]) {
      for (const request of requests) {
        const answer = await app.inject({ ...request, headers: { ...request.headers, ...headers } } as never);
        if (answer.statusCode >= 500) {
          failures.push(
            `${request.method} ${request.url.slice(0, 100)} ${String(request.payload).slice(0, 100)}`,
          );
        }
      }
    }
    expect(failures).toEqual([]);
    expect((await app.inject('/health/ready')).statusCode).toBe(200);
  }, 180_000);

  it('cannot break a list with a cursor of their own making', async () => {
    await addEnvironment('one');
    await addEnvironment('two');
    const list = (query: string) =>
      app.inject({ url: `/api/v1/environments${query}`, headers: { authorization: ada.authorization } });
    const cursors = forgedCursors((await list('?limit=1')).json().next_cursor as string);
    for (const cursor of cursors) {
      const answer = await list(`?cursor=${encodeURIComponent(cursor)}`);
      expect([cursor, answer.statusCode >= 500]).toEqual([cursor, false]);
    }
  });
});
