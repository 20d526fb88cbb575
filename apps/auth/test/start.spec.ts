import { createTestDatabase, waitFor } from '@darb/testing';
import type { TestDatabase } from '@darb/testing';
import { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN_PASSWORD, startAuth } from './auth-app.js';

describe('the start', () => {
  let database: TestDatabase;
  beforeEach(async () => (database = await createTestDatabase()));
  afterEach(() => database.drop());

  const ready = async (app: Awaited<ReturnType<typeof startAuth>>) =>
    (await app.inject('/health/ready')).json();
  const register = (app: Awaited<ReturnType<typeof startAuth>>, username: string) =>
    app.inject({
      method: 'POST',
      url: '/api/v1/auth/register',
      payload: { username, password: 'a long password' },
    });

  it('makes one key and one admin, however many replicas start at once', async () => {
    const environment = { DARB_ADMIN_USERNAME: 'chief', DARB_ADMIN_PASSWORD: ADMIN_PASSWORD };
    const replicas = await Promise.all([1, 2, 3].map(() => startAuth(database.dsn, environment)));
    const keys = await Promise.all(replicas.map(async (app) => (await app.inject('/api/v1/auth/jwks')).body));
    expect(new Set(keys).size).toBe(1);
    expect(await ready(replicas[0]!)).toMatchObject({ status: 'ok', admin_exists: true });
    const users = await replicas[0]!.get(DataSource).query('SELECT username, role FROM auth.users');
    expect(users).toEqual([{ username: 'chief', role: 'admin' }]);
    await Promise.all(replicas.map((app) => app.close()));
  });

  it('leaves an existing admin alone', async () => {
    const first = await startAuth(database.dsn, { DARB_ADMIN_PASSWORD: ADMIN_PASSWORD });
    await first.close();
    const second = await startAuth(database.dsn, {
      DARB_ADMIN_PASSWORD: 'another password',
      DARB_ADMIN_USERNAME: 'x',
    });
    const login = (password: string) =>
      second.inject({ method: 'POST', url: '/api/v1/auth/login', payload: { username: 'admin', password } });
    expect((await login(ADMIN_PASSWORD)).statusCode).toBe(200);
    expect((await login('another password')).statusCode).toBe(401);
    await second.close();
  });

  it('makes nobody without a password; the first to register is the admin, and the only one', async () => {
    const app = await startAuth(database.dsn);
    expect(await ready(app)).toMatchObject({ status: 'ok', admin_exists: false });
    const race = await Promise.all(['ann', 'bob', 'eve'].map((name) => register(app, name)));
    expect(race.map(({ statusCode }) => statusCode).sort()).toEqual([201, 403, 403]);
    const winner = race.find(({ statusCode }) => statusCode === 201)!.json();
    expect(winner).toMatchObject({ user: { role: 'admin' }, expires_in: 600 });
    expect((await register(app, 'late')).json().code).toBe('registration_disabled');
    expect(await ready(app)).toMatchObject({ admin_exists: true });
    await app.close();
  });

  it('lets anyone register where that is enabled, as a plain user', async () => {
    const app = await startAuth(database.dsn, {
      DARB_ADMIN_PASSWORD: ADMIN_PASSWORD,
      DARB_AUTH_REGISTRATION: 'true',
    });
    expect((await register(app, 'ann')).json().user.role).toBe('user');
    expect((await register(app, 'ann')).json().code).toBe('name_taken');
    await app.close();
  });

  it('is refused with another secret than the one that encrypted the key', async () => {
    await (await startAuth(database.dsn)).close();
    const other = { DARB_AUTH_JWT_SECRET: 'Zz81mQw3RtY6uIoP9aSdF4gHjK5lXcVb' };
    await expect(startAuth(database.dsn, other)).rejects.toThrow('DARB_AUTH_JWT_SECRET is not the secret');
  });

  it('keeps the private key encrypted', async () => {
    const app = await startAuth(database.dsn);
    const [row] = await app
      .get(DataSource)
      .query<{ public_jwk: object; private_key_encrypted: Buffer }[]>('SELECT * FROM auth.signing_keys');
    expect(row?.public_jwk).not.toHaveProperty('d');
    expect(row?.private_key_encrypted.toString('utf8')).not.toContain('"d"');
    await app.close();
  });

  it('waits for a database that is not migrated yet', async () => {
    const outside = new DataSource({ type: 'postgres', url: database.dsn });
    await outside.initialize();
    await outside.query('ALTER SCHEMA auth RENAME TO later');
    const app = await startAuth(database.dsn, { DARB_ADMIN_PASSWORD: ADMIN_PASSWORD });
    expect((await app.inject('/health/ready')).statusCode).toBe(503);
    const login = await app.inject({
      method: 'POST',
      url: '/api/v1/auth/login',
      payload: { username: 'admin', password: ADMIN_PASSWORD },
    });
    expect(login.json().code).toBe('database_not_migrated');
    await outside.query('ALTER SCHEMA later RENAME TO auth');
    await waitFor(async () => (await app.inject('/health/ready')).statusCode === 200, { timeoutMs: 10_000 });
    expect(await ready(app)).toMatchObject({ admin_exists: true });
    await app.close();
    await outside.destroy();
  });
});
