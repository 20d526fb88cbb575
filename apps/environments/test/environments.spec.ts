import { createTestApp, TestIdentity } from '@darb/service-kit';
import type { TestUser } from '@darb/service-kit';
import { createTestDatabase } from '@darb/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SERVICE } from '../src/service.js';

const UV = {
  type: 'uv',
  available: true,
  version: '0.13.8',
  path: '/usr/bin/uv',
  reason: null,
  interpreters: [
    { implementation: 'cpython', version: '3.9.18', abi: 'cp39', path: '/p/39' },
    { implementation: 'cpython', version: '3.12.1', abi: 'cp312', path: '/p/312' },
  ],
};
const NO_PIXI = {
  ...UV,
  type: 'pixi',
  available: false,
  version: null,
  path: null,
  reason: 'pixi is not installed.',
};

describe('environments', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let sql: DataSource;
  let identity: TestIdentity;
  let app: NestFastifyApplication;
  let ada: TestUser;
  let bob: TestUser;

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
    ada = await identity.createUser(sql, 'ada');
    bob = await identity.createUser(sql, 'bob');
    await sql.query(
      `INSERT INTO jobs.workers (id, name, store_id, store_root, platform, libc, managers, slots, sandbox, version)
       VALUES ($1, 'w', $2, '/store', 'linux-64', 'glibc', $3, 2, '{}', '0')`,
      [uuidv7(), uuidv7(), JSON.stringify([UV, NO_PIXI])],
    );
  });
  afterAll(async () => {
    await app.close();
    await identity.stop();
    await sql.destroy();
    await database.drop();
  });

  async function call(
    user: TestUser | null,
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    payload?: unknown,
    headers: Record<string, string> = {},
  ) {
    const response = await app.inject({
      method,
      url: `/api/v1${path}`,
      headers: { ...(user ? { authorization: user.authorization } : {}), ...headers },
      ...(payload === undefined ? {} : { payload: payload as object }),
    });
    return { status: response.statusCode, headers: response.headers, body: response.json() };
  }

  async function countJobs(): Promise<number> {
    const [row] = await sql.query<{ count: string }[]>('SELECT count(*) FROM jobs.jobs');
    return Number(row!.count);
  }

  it('makes an environment and its job in one answer', async () => {
    const { status, body, headers } = await call(ada, 'POST', '/environments', {
      name: 'first',
      package_manager: 'uv',
      packages: ['rich', 'httpx>=0.27'],
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      name: 'first',
      status: 'pending',
      revision: null,
      organization_id: ada.organizationId,
      job: { type: 'create', status: 'pending', packages: ['rich', 'httpx>=0.27'], attempt: 1 },
    });
    expect(body.active_job_id).toBe(body.job.id);
    expect(headers.location).toBe(`/api/v1/environments/${body.id}`);
    const audit = await sql.query<{ action: string }[]>(
      'SELECT action FROM auth.audit_events WHERE resource_id = $1',
      [body.id],
    );
    expect(audit).toEqual([{ action: 'environment.create' }]);
    const found = await call(ada, 'GET', `/environments/${body.id}`);
    expect(found.body).toMatchObject({ id: body.id, status: 'pending' });
    expect(found.headers.etag).toBe('"0"');
  });

  it('refuses a taken name, and says so', async () => {
    const { status, body } = await call(ada, 'POST', '/environments', {
      name: 'first',
      package_manager: 'uv',
    });
    expect([status, body.code]).toEqual([409, 'name_taken']);
    // Names are an organization's own.
    expect((await call(bob, 'POST', '/environments', { name: 'first', package_manager: 'uv' })).status).toBe(
      201,
    );
  });

  it.each([
    [{ name: 'x', packages: ['--index-url=http://x'] }, 'spec_not_allowed', 'packages[0]'],
    [{ name: 'x', packages: ['rich', 'x @ file:///etc/passwd'] }, 'spec_not_allowed', 'packages[1]'],
    [{ name: 'x', packages: ['rich>>1'] }, 'spec_invalid', 'packages[0]'],
    [{ name: '../x' }, 'name_invalid', 'name'],
    [{ name: 'x', python: 'latest; rm' }, 'python_invalid', 'python'],
    [{ name: 'x', channels: ['conda-forge'] }, 'validation_failed', 'channels'],
    [{ name: 'x', lockfile: 'version = 1' }, 'validation_failed', 'lockfile'],
  ])('refuses %j before any row exists', async (input, code, field) => {
    const before = await countJobs();
    const { status, body } = await call(ada, 'POST', '/environments', { package_manager: 'uv', ...input });
    expect([status, body.code, body.errors[0].field]).toEqual([422, code, field]);
    expect(await countJobs()).toBe(before);
  });

  it('refuses unknown fields, malformed JSON and bodies that are no object', async () => {
    expect((await call(ada, 'POST', '/environments', { name: 'x', colour: 'red' })).status).toBe(422);
    const malformed = await app.inject({
      method: 'POST',
      url: '/api/v1/environments',
      headers: { authorization: ada.authorization, 'content-type': 'application/json' },
      payload: '{"name":',
    });
    expect([malformed.statusCode, malformed.json().code]).toEqual([400, 'malformed_json']);
    expect((await call(ada, 'POST', '/environments', ['x'])).status).toBe(422);
  });

  it('refuses a package manager that no worker has, with how to get it', async () => {
    const { status, body } = await call(ada, 'POST', '/environments', {
      name: 'px',
      package_manager: 'pixi',
    });
    expect([status, body.code]).toEqual([422, 'package_manager_unavailable']);
    expect(body.detail).toMatch(/pixi is not installed/);
    const managers = await call(ada, 'GET', '/package-managers');
    expect(managers.body.items).toEqual([
      expect.objectContaining({ type: 'pixi', available: false, default: false }),
      expect.objectContaining({
        type: 'uv',
        available: true,
        default: true,
        python_versions: ['3.12.1', '3.9.18'],
      }),
    ]);
  });

  it('hides what belongs to others: 404, never 403, and no token is 401', async () => {
    const { body } = await call(ada, 'POST', '/environments', { name: 'private', package_manager: 'uv' });
    for (const [method, path, payload] of [
      ['GET', '', undefined],
      ['DELETE', '', undefined],
      ['GET', '/packages', undefined],
      ['POST', '/packages', { packages: ['rich'] }],
      ['DELETE', '/packages/rich', undefined],
      ['POST', '/update', {}],
      ['GET', '/manifest', undefined],
      ['GET', '/lockfile', undefined],
      ['GET', '/revisions', undefined],
    ] as const) {
      expect((await call(bob, method, `/environments/${body.id}${path}`, payload)).status).toBe(404);
      expect((await call(null, method, `/environments/${body.id}${path}`, payload)).status).toBe(401);
    }
    const names = (await call(bob, 'GET', '/environments')).body.items.map(
      (item: { name: string }) => item.name,
    );
    expect(names).toEqual(['first']);
    expect((await call(ada, 'GET', '/environments/not-an-id')).status).toBe(404);
  });

  it('accepts changes behind one another, and one delete', async () => {
    const { body } = await call(ada, 'POST', '/environments', { name: 'changing', package_manager: 'uv' });
    const added = await call(ada, 'POST', `/environments/${body.id}/packages`, { packages: ['rich'] });
    expect(added.status).toBe(202);
    expect(added.headers.location).toBe(`/api/v1/jobs/${added.body.id}`);
    expect(added.body).toMatchObject({ type: 'install', status: 'pending' });
    expect(added.body.waiting_for).toMatch(/earlier change/);
    const everything = await call(ada, 'POST', `/environments/${body.id}/update`);
    expect([everything.status, everything.body.type, everything.body.packages]).toEqual([202, 'update', []]);
    expect((await call(ada, 'POST', `/environments/${body.id}/packages`, { packages: [] })).status).toBe(422);
    expect((await call(ada, 'POST', `/environments/${body.id}/packages`, { packages: 'rich' })).status).toBe(
      422,
    );
    const deleted = await call(ada, 'DELETE', `/environments/${body.id}`);
    expect([deleted.status, deleted.body.type]).toEqual([202, 'delete']);
    expect((await call(ada, 'DELETE', `/environments/${body.id}`)).body.id).toBe(deleted.body.id);
    const late = await call(ada, 'POST', `/environments/${body.id}/packages`, { packages: ['rich'] });
    expect([late.status, late.body.code]).toEqual([409, 'environment_deleting']);
  });

  it('repeats the answer of an Idempotency-Key and refuses another body under it', async () => {
    const key = { 'idempotency-key': uuidv7() };
    const input = { name: 'once', package_manager: 'uv' };
    const first = await call(ada, 'POST', '/environments', input, key);
    const second = await call(ada, 'POST', '/environments', input, key);
    expect([first.status, second.status, second.body.id]).toEqual([201, 201, first.body.id]);
    const other = await call(ada, 'POST', '/environments', { ...input, name: 'twice' }, key);
    expect(other.status).toBe(422);
  });

  it('pages through a list, and refuses a cursor of another filter', async () => {
    for (const name of ['page-1', 'page-2', 'page-3']) {
      await call(bob, 'POST', '/environments', { name, package_manager: 'uv' });
    }
    const first = await call(bob, 'GET', '/environments?limit=2&q=page');
    expect(first.body.items.map((item: { name: string }) => item.name)).toEqual(['page-3', 'page-2']);
    const rest = await call(bob, 'GET', `/environments?limit=2&q=page&cursor=${first.body.next_cursor}`);
    expect(rest.body.items.map((item: { name: string }) => item.name)).toEqual(['page-1']);
    expect(rest.body.next_cursor).toBeNull();
    const mismatch = await call(bob, 'GET', `/environments?limit=2&cursor=${first.body.next_cursor}`);
    expect([mismatch.status, mismatch.body.code]).toEqual([400, 'cursor_mismatch']);
    expect((await call(bob, 'GET', '/environments?limit=900')).status).toBe(422);
  });

  it('says that there is no manifest before the first revision', async () => {
    const { body } = await call(bob, 'GET', '/environments?q=first');
    const id = body.items[0].id as string;
    expect((await call(bob, 'GET', `/environments/${id}/manifest`)).body.code).toBe('no_revision');
    expect((await call(bob, 'GET', `/environments/${id}/packages`)).body).toEqual({
      items: [],
      next_cursor: null,
    });
    expect((await call(bob, 'GET', `/environments/${id}/revisions`)).body).toEqual({
      items: [],
      next_cursor: null,
    });
    expect((await call(bob, 'GET', `/environments/${id}/revisions/1`)).status).toBe(404);
  });
});
