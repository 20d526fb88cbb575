import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_PASSWORD, AuthHarness } from './auth-app.js';

describe('refresh tokens', () => {
  let auth: AuthHarness;
  beforeAll(async () => (auth = await AuthHarness.start()));
  afterAll(() => auth.stop());

  const signIn = async () => (await auth.login('admin', ADMIN_PASSWORD)).body;
  /** As if every use so far lay this far back. */
  const age = (interval: string) =>
    auth.sql.query(`UPDATE auth.refresh_tokens SET used_at = used_at - interval '${interval}'`);

  it('rotate: each use gives the next one', async () => {
    const first = await signIn();
    const second = await auth.refresh(first.refresh_token);
    expect(second.status).toBe(200);
    expect(second.body.refresh_token).not.toBe(first.refresh_token);
    const third = await auth.refresh(second.body.refresh_token);
    expect(third.status).toBe(200);
    expect((await auth.call('GET', '/api/v1/auth/me', { token: third.body.token })).status).toBe(200);
  });

  it('give the same successor to a repeat within 30 s', async () => {
    const { refresh_token } = await signIn();
    const answers = await Promise.all([auth.refresh(refresh_token), auth.refresh(refresh_token)]);
    await age('25 seconds');
    answers.push(await auth.refresh(refresh_token));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1);
  });

  it('end the whole family when one is used again later', async () => {
    const { refresh_token, token, user } = await signIn();
    const successor = (await auth.refresh(refresh_token)).body.refresh_token;
    await age('31 seconds');
    expect((await auth.refresh(refresh_token)).body.code).toBe('refresh_token_reused');
    expect((await auth.refresh(successor)).body.code).toBe('session_ended');
    expect((await auth.call('GET', '/api/v1/auth/me', { token })).status).toBe(401);
    expect(await auth.auditActions(user.id)).toContain('session.reuse_detected');
  });

  it('leave other sessions of the user alone', async () => {
    const [stolen, other] = [await signIn(), await signIn()];
    await auth.refresh(stolen.refresh_token);
    await age('1 hour');
    await auth.refresh(stolen.refresh_token);
    expect((await auth.refresh(other.refresh_token)).status).toBe(200);
  });

  it('are refused when made up, changed or expired', async () => {
    const { refresh_token } = await signIn();
    const changed = refresh_token.slice(0, -2) + (refresh_token.endsWith('AA') ? 'BB' : 'AA');
    for (const token of ['', 'darbr_', 'darbr_AAAA', changed]) {
      expect((await auth.refresh(token)).body.code).toBe('refresh_token_invalid');
    }
    await auth.sql.query(`UPDATE auth.refresh_tokens SET expires_at = now()`);
    expect((await auth.refresh(refresh_token)).body.code).toBe('session_ended');
  });

  it('are stored only as hashes', async () => {
    const { refresh_token } = await signIn();
    const [row] = await auth.sql.query<{ text: string }[]>(
      `SELECT string_agg(t::text, ' ') AS text FROM auth.refresh_tokens t`,
    );
    expect(row?.text).not.toContain(refresh_token);
  });
});
