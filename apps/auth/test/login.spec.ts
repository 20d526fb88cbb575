import { waitFor } from '@darb/testing';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PasswordHasher } from '../src/passwords/password.hasher.js';
import { ADMIN_PASSWORD, AuthHarness } from './auth-app.js';

describe('signing in', () => {
  let auth: AuthHarness;
  beforeAll(async () => (auth = await AuthHarness.start()));
  afterAll(() => auth.stop());

  it('answers a token, a refresh token and the user', async () => {
    const { status, body } = await auth.login('Admin', ADMIN_PASSWORD);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      expires_in: 600,
      user: { username: 'admin', role: 'admin', disabled: false, email: null },
    });
    expect(body.user).not.toHaveProperty('password_hash');
    const me = await auth.call('GET', '/api/v1/auth/me', { token: body.token });
    expect(me.body).toMatchObject({
      id: body.user.id,
      organizations: [{ name: 'admin', role: 'owner', personal: true }],
    });
  });

  it('signs tokens that the published key verifies', async () => {
    await auth.app.listen(0, '127.0.0.1');
    const { token } = (await auth.login('admin', ADMIN_PASSWORD)).body;
    const keys = createRemoteJWKSet(new URL('/api/v1/auth/jwks', await auth.app.getUrl()));
    const { payload } = await jwtVerify(token, keys, { issuer: 'darb', audience: 'darb-api' });
    expect(decodeProtectedHeader(token).alg).toBe('EdDSA');
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(600);
    const jwks = (await auth.call('GET', '/api/v1/auth/jwks')).body;
    expect(jwks.keys[0]).not.toHaveProperty('d');
  });

  it('answers alike for a wrong password, an unknown and a disabled user', async () => {
    const user = await auth.createUser('gone');
    const token = await auth.adminToken();
    await auth.call('PATCH', `/api/v1/users/${user.id}`, { body: { disabled: true }, token });
    const answers = await Promise.all([
      auth.login('admin', 'wrong'),
      auth.login('nobody', 'wrong'),
      auth.login('gone', user.password),
      auth.login('no such name!', ''),
    ]);
    for (const { status, body } of answers) {
      expect([status, body.code, body.detail]).toEqual([401, 'invalid_credentials', answers[0].body.detail]);
    }
  });

  it('works as long for an unknown name as for a wrong password', async () => {
    // Not a clock: both must go through one argon2 verification each.
    const hasher = auth.app.get(PasswordHasher, { strict: false });
    const calls: string[] = [];
    const gate = (name: string) => ({
      admit: async () => void calls.push(`${name} admitted`),
      refused: async () => void calls.push(`${name} refused`),
    });
    const hash = await hasher.hash('right');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await hasher.verify(hash, 'right', gate('right'))).toBe(true);
    expect(await hasher.verify(hash, 'wrong', gate('wrong'))).toBe(false);
    expect(await hasher.verify(null, 'a password that nobody has', gate('decoy'))).toBe(false);
    expect(calls).toEqual([
      'right admitted',
      'wrong admitted',
      'wrong refused',
      'decoy admitted',
      'decoy refused',
    ]);
  });

  it('ends the session at logout', async () => {
    const { token, refresh_token, user } = (await auth.login('admin', ADMIN_PASSWORD)).body;
    expect((await auth.call('POST', '/api/v1/auth/logout', { token })).status).toBe(204);
    expect((await auth.call('GET', '/api/v1/auth/me', { token })).body.code).toBe('session_ended');
    expect((await auth.refresh(refresh_token)).body.code).toBe('session_ended');
    expect(await auth.auditActions(user.id)).toContain('session.end');
  });

  it('changes the password and ends all other sessions', async () => {
    const user = await auth.createUser('mover');
    const here = (await auth.login('mover', user.password)).body;
    const elsewhere = (await auth.login('mover', user.password)).body;
    const change = (current_password: string, new_password: string) =>
      auth.call('POST', '/api/v1/auth/password', {
        body: { current_password, new_password },
        token: here.token,
      });
    expect((await change('wrong', 'a new password')).body.code).toBe('wrong_password');
    expect((await change(user.password, 'short')).body.code).toBe('validation_failed');
    expect((await change(user.password, 'a new password')).status).toBe(204);
    const me = (token: string) => auth.call('GET', '/api/v1/auth/me', { token });
    await waitFor(async () => (await me(elsewhere.token)).status === 401, { timeoutMs: 5_000 });
    expect((await me(here.token)).status).toBe(200);
    expect((await auth.login('mover', user.password)).status).toBe(401);
    expect((await auth.login('mover', 'a new password')).status).toBe(200);
    expect(await auth.auditActions(user.id)).toContain('user.change_password');
  });
});

describe('throttling', () => {
  let auth: AuthHarness;
  beforeAll(async () => (auth = await AuthHarness.start()));
  afterAll(() => auth.stop());

  const wrong = (username: string, address: string) => auth.login(username, 'wrong', address);

  it('blocks an account after ten wrong passwords, with Retry-After, even for the right one', async () => {
    const user = await auth.createUser('target');
    for (let i = 0; i < 10; i += 1) expect((await wrong('target', '192.0.2.1')).status).toBe(401);
    const blocked = await auth.login('target', user.password, '192.0.2.2');
    expect([blocked.status, blocked.body.code]).toEqual([429, 'too_many_attempts']);
    expect(Number(blocked.headers['retry-after'])).toBeGreaterThan(0);
    expect((await auth.login('admin', ADMIN_PASSWORD, '192.0.2.1')).status).toBe(200);
    expect(await auth.auditActions(user.id)).toContain('session.create refused');

    await auth.sql.query(`UPDATE auth.login_attempts SET blocked_until = now() WHERE key = 'account:target'`);
    expect((await auth.login('target', user.password)).status).toBe(200);
    expect(await auth.sql.query(`SELECT 1 FROM auth.login_attempts WHERE key = 'account:target'`)).toEqual(
      [],
    );
  });

  it('does not let a burst of guesses past the limit', async () => {
    await auth.createUser('burst');
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => wrong('burst', `192.0.2.${i + 10}`)),
    );
    const tried = answers.filter(({ status }) => status === 401).length;
    // Ten, and those that were being verified when the tenth was counted.
    expect(tried).toBeLessThanOrEqual(14);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(40 - tried);
  });

  it('blocks an address that tries many names', async () => {
    await auth.sql.query(
      `INSERT INTO auth.login_attempts (key, count, window_started_at) VALUES ('address:198.51.100.7', 99, now())`,
    );
    expect((await wrong('one', '198.51.100.7')).status).toBe(401);
    expect((await wrong('two', '198.51.100.7')).status).toBe(429);
    expect((await auth.login('admin', ADMIN_PASSWORD, '198.51.100.8')).status).toBe(200);
  });

  it('forgets what is older than the window', async () => {
    await auth.sql.query(
      `INSERT INTO auth.login_attempts (key, count, window_started_at)
       VALUES ('account:old', 9, now() - interval '16 minutes')`,
    );
    for (let i = 0; i < 3; i += 1) expect((await wrong('old', '203.0.113.1')).status).toBe(401);
  });

  it('lets many right ones through at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => auth.login('admin', ADMIN_PASSWORD)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
  });
});
