import { beforeAll, describe, expect, it } from 'vitest';
import { Person, PASSWORD, uniqueName, URL_OF_DARB } from '../support/darb.js';
import type { Json } from '../support/darb.js';

describe('who may see what', () => {
  let admin: Person;
  let owner: Person;
  let stranger: Person;
  let environment: Json;

  beforeAll(async () => {
    admin = await Person.signIn();
    owner = await admin.colleague(uniqueName('owner'));
    stranger = await admin.colleague(uniqueName('stranger'));
    environment = await owner.environment(uniqueName('private'));
  });

  const ROUTES: [method: string, path: string, body?: unknown][] = [
    ['GET', ''],
    ['GET', '/packages'],
    ['GET', '/manifest'],
    ['GET', '/lockfile'],
    ['GET', '/revisions'],
    ['POST', '/packages', { packages: ['alpha'] }],
    ['POST', '/update', {}],
    ['DELETE', '/packages/alpha'],
    ['DELETE', ''],
  ];

  it.each(ROUTES)('%s …%s of somebody else is a 404', async (method, path, body) => {
    const { status } = await stranger.request(method, `/environments/${environment.id}${path}`, body);
    expect(status).toBe(404);
  });

  it("somebody else's environments and jobs are in no list", async () => {
    const environments = await stranger.get('/environments?limit=200');
    expect(environments.body.items.map(({ id }: Json) => id)).not.toContain(environment.id);
    const jobs = await stranger.get('/jobs?limit=200');
    expect(jobs.body.items.map((job: Json) => job.environment_id)).not.toContain(environment.id);
  });

  it("somebody else's job and its log are a 404", async () => {
    const { body } = await owner.get(`/jobs?environment_id=${environment.id}`);
    const job = body.items[0].id;
    for (const path of ['', '/logs', '/logs/stream']) {
      expect((await stranger.get(`/jobs/${job}${path}`)).status).toBe(404);
    }
    expect((await stranger.post(`/jobs/${job}/cancel`)).status).toBe(404);
  });

  it('the same name may be used by another person', async () => {
    const { status } = await stranger.post('/environments', {
      name: environment.name,
      package_manager: 'uv',
    });
    expect(status).toBe(201);
  });

  it('an instance admin sees it', async () => {
    expect((await admin.get(`/environments/${environment.id}`)).status).toBe(200);
  });

  it('only an admin makes users', async () => {
    const user = { username: uniqueName('x'), email: 'x@example.org', password: 'long-enough-password' };
    expect((await stranger.post('/users', user)).status).toBe(403);
  });

  it.each(['/environments', '/jobs', '/users', '/auth/me', '/package-managers', '/workers', '/events'])(
    '%s without a token is a 401',
    async (path) => {
      const { status, body } = await new Person(null).get(path);
      expect({ status, code: body.code }).toEqual({ status: 401, code: 'unauthenticated' });
    },
  );

  it('a token that is no token is a 401, and a wrong password does not say what was wrong', async () => {
    expect((await new Person('darb.not.a-token').get('/environments')).status).toBe(401);
    const nobody = await new Person(null).post('/auth/login', {
      username: 'nobody-here',
      password: PASSWORD,
    });
    const wrong = await new Person(null).post('/auth/login', {
      username: uniqueName('no'),
      password: 'wrong',
    });
    expect(nobody.status).toBe(401);
    expect(nobody.body.detail).toBe(wrong.body.detail);
  });

  it('a refresh token gives the next token, and signing out ends both', async () => {
    const anonymous = new Person(null);
    const login = await anonymous.post('/auth/login', { username: 'admin', password: PASSWORD });
    const next = await anonymous.post('/auth/refresh', { refresh_token: login.body.refresh_token });
    expect(next.status).toBe(200);
    const person = new Person(next.body.token);
    expect((await person.get('/auth/me')).status).toBe(200);
    expect((await person.post('/auth/logout')).status).toBe(204);
    const again = await anonymous.post('/auth/refresh', { refresh_token: next.body.refresh_token });
    expect(again.status).toBe(401);
  });

  it('a disabled user is out within seconds', async () => {
    const me = await stranger.get('/auth/me');
    const id = me.body.id ?? me.body.user.id;
    expect((await admin.request('PATCH', `/users/${id}`, { disabled: true })).status).toBe(200);
    await expect.poll(async () => (await stranger.get('/auth/me')).status, { timeout: 10_000 }).toBe(401);
  });

  it('pages without a session: sign-in and documentation answer, others lead to the sign-in', async () => {
    for (const path of ['/login', '/docs']) {
      expect((await fetch(`${URL_OF_DARB}${path}`)).status).toBe(200);
    }
    const page = await fetch(`${URL_OF_DARB}/environments`, { redirect: 'manual' });
    expect(page.status).toBeGreaterThanOrEqual(300);
    expect(page.status).toBeLessThan(400);
    expect(page.headers.get('location')).toMatch(/\/login/);
  });
});
