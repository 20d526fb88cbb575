import { waitFor } from '@darb/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_PASSWORD, AuthHarness } from './auth-app.js';

describe('users', () => {
  let auth: AuthHarness;
  let token: string;
  beforeAll(async () => {
    auth = await AuthHarness.start();
    token = await auth.adminToken();
  });
  afterAll(() => auth.stop());

  const create = (body: object, headers: Record<string, string> = {}) =>
    auth.call('POST', '/api/v1/users', { body, token, headers });
  const patch = (id: string, body: object) => auth.call('PATCH', `/api/v1/users/${id}`, { body, token });

  it('are made with a personal organization that they own, and an audit event', async () => {
    const { status, body, headers } = await create({
      username: 'Ann',
      email: 'ann@example.org',
      password: 'ann-password',
    });
    expect(status).toBe(201);
    expect(headers['location']).toBe(`/api/v1/users/${body.id}`);
    expect(body).toMatchObject({ username: 'ann', email: 'ann@example.org', role: 'user', disabled: false });
    const [organization] = await auth.sql.query(
      `SELECT o.name, m.role FROM auth.organizations o JOIN auth.memberships m ON m.organization_id = o.id
        WHERE o.personal_user_id = $1 AND m.user_id = $1`,
      [body.id],
    );
    expect(organization).toEqual({ name: 'ann', role: 'owner' });
    expect(await auth.auditActions(body.id)).toEqual(['user.create']);
    expect((await auth.login('ann', 'ann-password')).status).toBe(200);
  });

  it('have a name of their own: a second one is 409 and leaves nothing behind', async () => {
    await create({ username: 'twice', password: 'twice-password' });
    const second = await create({ username: 'TWICE', password: 'other-password' });
    expect([second.status, second.body.code]).toEqual([409, 'name_taken']);
    // Racing for one name, one of them wins.
    const race = await Promise.all(
      [1, 2, 3].map(() => create({ username: 'raced', password: 'raced-password' })),
    );
    expect(race.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });

  it.each([
    [{ username: 'has space', password: 'long enough' }, 'username'],
    [{ username: '-dash', password: 'long enough' }, 'username'],
    [{ username: 'ok', password: 'short' }, 'password'],
    [{ username: 'ok', password: 'long enough', email: 'none' }, 'email'],
    [{ username: 'ok', password: 'long enough', role: 'admin' }, 'role'],
  ])('are refused as %o because of %s', async (body, field) => {
    const answer = await create(body);
    expect(answer.status).toBe(422);
    expect(answer.body.errors[0].field).toBe(field);
  });

  it('are made once with one Idempotency-Key', async () => {
    const body = { username: 'once', password: 'once-password' };
    const [first, second] = [
      await create(body, { 'idempotency-key': 'k' }),
      await create(body, { 'idempotency-key': 'k' }),
    ];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
  });

  it('are listed in pages, to admins only', async () => {
    const names: string[] = [];
    let cursor: string | null = '';
    do {
      const { body } = await auth.call('GET', `/api/v1/users?limit=2${cursor ? `&cursor=${cursor}` : ''}`, {
        token,
      });
      names.push(...body.items.map((user: { username: string }) => user.username));
      cursor = body.next_cursor as string | null;
    } while (cursor);
    expect(names[0]).toBe('admin');
    expect(new Set(names).size).toBe(names.length);
    const ann = (await auth.login('ann', 'ann-password')).body;
    expect((await auth.call('GET', '/api/v1/users', { token: ann.token })).status).toBe(403);
    expect((await auth.call('GET', `/api/v1/users/${ann.user.id}`, { token: ann.token })).status).toBe(200);
    const admin = (await auth.login('admin', ADMIN_PASSWORD)).body.user;
    expect((await auth.call('GET', `/api/v1/users/${admin.id}`, { token: ann.token })).status).toBe(404);
  });

  it('see their own organizations, admins all of them', async () => {
    const ann = (await auth.login('ann', 'ann-password')).body;
    const own = (await auth.call('GET', '/api/v1/organizations', { token: ann.token })).body;
    expect(own).toMatchObject({ items: [{ name: 'ann', role: 'owner', personal: true }], next_cursor: null });
    const all = (await auth.call('GET', '/api/v1/organizations', { token })).body;
    expect(all.items.find((item: { name: string }) => item.name === 'ann').role).toBeNull();
  });

  it('stop when they are disabled, for good', async () => {
    const user = await auth.createUser('stopped');
    const session = (await auth.login('stopped', user.password)).body;
    const me = () => auth.call('GET', '/api/v1/auth/me', { token: session.token });
    expect((await me()).status).toBe(200);
    expect((await patch(user.id, { disabled: true })).body.disabled).toBe(true);
    await waitFor(async () => (await me()).status === 401, { timeoutMs: 5_000 });
    expect((await auth.refresh(session.refresh_token)).status).toBe(401);
    expect((await auth.login('stopped', user.password)).status).toBe(401);
    await patch(user.id, { disabled: false });
    expect((await auth.refresh(session.refresh_token)).status).toBe(401);
    expect((await auth.login('stopped', user.password)).status).toBe(200);
    expect(await auth.auditActions(user.id)).toContain('user.update');
  });

  it('always keep one admin', async () => {
    const admin = (await auth.login('admin', ADMIN_PASSWORD)).body.user;
    expect((await patch(admin.id, { disabled: true })).body.code).toBe('last_admin');
    expect((await patch(admin.id, { role: 'user' })).body.code).toBe('last_admin');
    const second = await auth.createUser('second');
    await patch(second.id, { role: 'admin' });
    // Each demotes the other at the same moment: one of them has to lose.
    const secondToken = (await auth.login('second', second.password)).body.token;
    const answers = await Promise.all([
      patch(second.id, { role: 'user' }),
      auth.call('PATCH', `/api/v1/users/${admin.id}`, { body: { role: 'user' }, token: secondToken }),
    ]);
    const [row] = await auth.sql.query<{ count: number }[]>(
      `SELECT count(*)::int AS count FROM auth.users WHERE role = 'admin' AND NOT disabled`,
    );
    expect(row?.count).toBe(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    await auth.sql.query(`UPDATE auth.users SET role = 'admin' WHERE id = $1`, [admin.id]);
  });

  it('answer 404 for ids of nobody', async () => {
    expect((await patch('01900000-0000-7000-8000-000000000000', { disabled: true })).status).toBe(404);
    expect((await patch('x', { disabled: true })).status).toBe(404);
  });
});
