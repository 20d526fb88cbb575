import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_PASSWORD, AuthHarness } from './auth-app.js';

describe('browser sessions', () => {
  let auth: AuthHarness;
  beforeAll(async () => (auth = await AuthHarness.start()));
  afterAll(() => auth.stop());

  const open = (password = ADMIN_PASSWORD) =>
    auth.asService('POST', '/internal/sessions', {
      username: 'admin',
      password,
      address: '203.0.113.9',
      user_agent: 'Firefox',
    });

  it('are exchanged for tokens until they end', async () => {
    const session = await open();
    expect(session.status).toBe(201);
    expect(session.body).toMatchObject({ user: { username: 'admin' } });
    expect(Date.parse(session.body.expires_at)).toBeGreaterThan(Date.now());
    const id = session.body.session_id as string;
    const exchanged = await auth.asService('POST', `/internal/sessions/${id}/token`);
    expect(exchanged.body).toMatchObject({ expires_in: 600, user: { username: 'admin' } });
    expect((await auth.call('GET', '/api/v1/auth/me', { token: exchanged.body.token })).status).toBe(200);
    expect((await auth.asService('DELETE', `/internal/sessions/${id}`)).status).toBe(204);
    expect((await auth.asService('POST', `/internal/sessions/${id}/token`)).body.code).toBe('session_ended');
    expect((await auth.asService('DELETE', `/internal/sessions/${id}`)).status).toBe(204);
  });

  it('keep the browser and only a hash of the secret', async () => {
    const id = (await open()).body.session_id as string;
    const rows = await auth.sql.query<{ address: string; user_agent: string; text: string }[]>(
      `SELECT address, user_agent, s::text AS text FROM auth.sessions s WHERE kind = 'browser'`,
    );
    expect(rows[0]).toMatchObject({ address: '203.0.113.9', user_agent: 'Firefox' });
    expect(rows.map(({ text }) => text).join()).not.toContain(id);
  });

  it('count wrong passwords like the API does', async () => {
    const answer = await open('wrong');
    expect([answer.status, answer.body.code]).toEqual([401, 'invalid_credentials']);
    const [row] = await auth.sql.query<{ count: number }[]>(
      `SELECT count FROM auth.login_attempts WHERE key = 'address:203.0.113.9'`,
    );
    expect(row?.count).toBe(1);
  });

  it('are for services only', async () => {
    const { body } = await auth.login('admin', ADMIN_PASSWORD);
    const answer = await auth.call('POST', '/internal/sessions', {
      body: { username: 'admin', password: ADMIN_PASSWORD },
      token: body.token,
    });
    expect(answer.status).toBe(401);
  });
});
