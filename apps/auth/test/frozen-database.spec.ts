import { createTestDatabase, faultProxy, waitFor } from '@darb/testing';
import type { FaultProxy, TestDatabase } from '@darb/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_PASSWORD, AuthHarness, startAuth } from './auth-app.js';

const LONGEST_WAIT_MS = 8_000;

describe('while the database is frozen', () => {
  let database: TestDatabase;
  let proxy: FaultProxy;
  let dsn: string;
  let auth: AuthHarness;
  const settings = { DARB_ADMIN_PASSWORD: ADMIN_PASSWORD, DARB_DATABASE_TIMEOUT_SECONDS: '2' };

  beforeAll(async () => {
    database = await createTestDatabase();
    const url = new URL(database.dsn);
    proxy = await faultProxy({ host: url.hostname, port: Number(url.port) });
    url.port = String(proxy.port);
    dsn = url.href;
    auth = new AuthHarness(await startAuth(dsn, settings), dsn, database.drop);
  });
  afterAll(async () => {
    await auth.stop();
    await proxy.close();
  });

  it('everything that needs it is 503 with Retry-After in time, nobody is signed out, and all goes on after it', async () => {
    const signIn = { username: 'admin', password: ADMIN_PASSWORD };
    const { token, refresh_token } = (await auth.login(signIn.username, signIn.password)).body;
    const browser = (await auth.asService('POST', '/internal/sessions', signIn)).body;
    const exchange = `/internal/sessions/${browser.session_id}/token`;
    // The caller is known from within the last second no longer.
    await waitFor(async () => (await auth.call('GET', '/api/v1/auth/me', { token })).status === 200);
    proxy.freeze();
    const startedAt = performance.now();
    const answers = await Promise.all([
      auth.login(signIn.username, signIn.password),
      auth.login('nobody', 'a wrong password'),
      auth.refresh(refresh_token),
      auth.asService('POST', exchange),
      auth.asService('POST', '/internal/sessions', signIn),
      auth.asService('DELETE', `/internal/sessions/${browser.session_id}`),
      auth.call('GET', '/api/v1/auth/me', { token }),
      auth.call('POST', '/api/v1/auth/logout', { token }),
      auth.call('POST', '/api/v1/auth/register', { body: { username: 'ann', password: 'a long password' } }),
      ...Array.from({ length: 20 }, () => auth.asService('POST', exchange)),
    ]);
    expect(performance.now() - startedAt).toBeLessThan(LONGEST_WAIT_MS);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 503));
    expect(answers.every(({ headers }) => headers['retry-after'] !== undefined)).toBe(true);
    expect((await auth.call('GET', '/api/v1/auth/jwks')).status).toBe(200);

    proxy.restore();
    await waitFor(async () => (await auth.asService('POST', exchange)).status === 200, { timeoutMs: 10_000 });
    expect((await auth.refresh(refresh_token)).status).toBe(200);
  });

  it('a service that starts does not take the tokens that it can not judge yet for bad ones', async () => {
    const { token } = (await auth.login('admin', ADMIN_PASSWORD)).body;
    const outside = auth.sql;
    await outside.query('ALTER SCHEMA auth RENAME TO later');
    const second = new AuthHarness(await startAuth(dsn, settings), dsn, async () => {});
    try {
      expect((await second.call('GET', '/api/v1/auth/me', { token })).status).toBe(503);
    } finally {
      await outside.query('ALTER SCHEMA later RENAME TO auth');
      await second.stop();
    }
  });
});
