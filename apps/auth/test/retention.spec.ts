import { RetentionSweep } from '@darb/service-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuthHarness } from './auth-app.js';

describe('what the auth service forgets', () => {
  let auth: AuthHarness;
  beforeAll(async () => {
    auth = await AuthHarness.start({
      DARB_RETENTION_SESSIONS_DAYS: '30',
      DARB_RETENTION_LOGIN_ATTEMPTS_HOURS: '24',
    });
    await auth.createUser('ann');
  });
  afterAll(() => auth.stop());

  const sweep = () => auth.app.get(RetentionSweep).sweep();
  const signIn = async () =>
    (await auth.login('ann', 'ann-password')).body as { refresh_token: string; token: string };
  const sessionOf = (token: string) =>
    (JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { sid: string }).sid;
  const age = (sessionId: string, column: string, time: string) =>
    auth.sql.query(`UPDATE auth.sessions SET ${column} = now() - interval '${time}' WHERE id = $1`, [
      sessionId,
    ]);
  const sessions = async () =>
    (await auth.sql.query<{ id: string }[]>('SELECT id FROM auth.sessions')).map(({ id }) => id);

  it('are sessions a month after their end, with all their refresh tokens; live ones stay usable', async () => {
    const live = await signIn();
    const [expired, revoked, recent] = [
      sessionOf((await signIn()).token),
      sessionOf((await signIn()).token),
      sessionOf((await signIn()).token),
    ];
    await age(expired, 'expires_at', '31 days');
    await age(revoked, 'revoked_at', '31 days');
    await age(recent, 'revoked_at', '29 days');
    // A session that was refreshed every ten minutes for a month.
    await auth.sql.query(
      `INSERT INTO auth.refresh_tokens (id, session_id, token_hash, expires_at)
       SELECT gen_random_uuid(), $1, '\\x00', now() + interval '1 day' FROM generate_series(1, 2500)`,
      [revoked],
    );
    const deleted = await sweep();
    expect(deleted).toMatchObject({ sessions: 2, refresh_tokens: 2_502 });
    const left = await sessions();
    expect(left).toEqual(expect.arrayContaining([sessionOf(live.token), recent]));
    expect(left).not.toContain(expired);
    expect(left).not.toContain(revoked);
    expect((await auth.refresh(live.refresh_token)).status).toBe(200);
  });

  it('are refresh tokens that expired, but not used ones: who shows one has a copy', async () => {
    const { refresh_token, token } = await signIn();
    expect((await auth.refresh(refresh_token)).status).toBe(200);
    await auth.sql.query(
      `UPDATE auth.refresh_tokens SET used_at = now() - interval '20 days'
        WHERE session_id = $1 AND used_at IS NOT NULL`,
      [sessionOf(token)],
    );
    await auth.sql.query(
      `INSERT INTO auth.refresh_tokens (id, session_id, token_hash, expires_at)
       VALUES (gen_random_uuid(), $1, '\\x00', now() - interval '2 days')`,
      [sessionOf(token)],
    );
    expect(await sweep()).toMatchObject({ sessions: 0, refresh_tokens: 1 });
    expect((await auth.refresh(refresh_token)).body.code).toBe('refresh_token_reused');
  });

  it('are wrong passwords of yesterday, but no block that still lasts', async () => {
    await auth.sql.query(
      `INSERT INTO auth.login_attempts (key, count, window_started_at, blocked_until) VALUES
         ('account:old', 3, now() - interval '25 hours', NULL),
         ('account:blocked', 30, now() - interval '25 hours', now() + interval '1 minute'),
         ('account:new', 3, now() - interval '1 hour', NULL)`,
    );
    expect(await sweep()).toMatchObject({ login_attempts: 1 });
    expect(await auth.sql.query('SELECT key FROM auth.login_attempts ORDER BY key')).toEqual([
      { key: 'account:blocked' },
      { key: 'account:new' },
    ]);
  });
});
