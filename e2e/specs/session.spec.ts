import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { DATA, Person, uniqueName, URL_OF_DARB } from '../support/darb.js';
import type { Json } from '../support/darb.js';

/** The curl session of the README, from the first call to an interpreter that imports what was asked for. */
describe('a session by curl', () => {
  let admin: Person;
  let environment: Json;
  const name = uniqueName('session');

  beforeAll(async () => {
    admin = await Person.signIn();
  });

  it('signs in and says who it is', async () => {
    const me = await admin.get('/auth/me');
    expect(me.status).toBe(200);
    expect(JSON.stringify(me.body)).toContain('"admin"');
  });

  it('names the package managers that can be used', async () => {
    const { body } = await admin.get('/package-managers');
    expect(body.items).toContainEqual(expect.objectContaining({ type: 'uv', available: true }));
  });

  it('creates an environment, which becomes ready at revision 1', async () => {
    const created = await admin.post('/environments', { name, package_manager: 'uv' });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ name, package_manager: 'uv', job: { type: 'create' } });
    expect(await admin.finished(created.body.job.id)).toMatchObject({ status: 'completed' });
    environment = (await admin.get(`/environments/${created.body.id}`)).body;
    expect(environment).toMatchObject({ status: 'ready', revision: 1, last_error: null });
  });

  it('adds packages while the log is watched line by line', async () => {
    const packages = ['beta', 'alpha>=2'];
    const asked = await admin.post(`/environments/${environment.id}/packages`, { packages });
    expect(asked.status).toBe(202);
    expect(asked.headers.get('location')).toBe(`/api/v1/jobs/${asked.body.id}`);
    const events = await admin.log(asked.body.id);
    const lines = events.filter(({ event }) => event === 'line');
    expect(lines.map(({ data }) => data.seq)).toEqual(lines.map((_, at) => at + 1));
    expect(lines.map(({ id }) => id)).toEqual(lines.map(({ data }) => `${data.epoch}-${data.seq}`));
    expect(new Set(lines.map(({ data }) => data.phase))).toEqual(
      new Set(['solve', 'install', 'verify', 'publish']),
    );
    expect(events.at(-1)).toMatchObject({ event: 'end', data: { status: 'completed' } });
  });

  it('lists what is installed, with versions, what was asked for and licences', async () => {
    const { body } = await admin.get(`/environments/${environment.id}/packages`);
    expect(body.items).toEqual([
      expect.objectContaining({
        name: 'alpha',
        version: '2.0',
        explicit: true,
        requested: 'alpha>=2',
        license: 'MIT',
      }),
      expect.objectContaining({ name: 'beta', version: '1.0', explicit: true, requested: 'beta' }),
    ]);
  });

  it('left an interpreter on disk that imports them', () => {
    const current = join(DATA, 'environments', environment.id, 'current');
    expect(lstatSync(current).isSymbolicLink()).toBe(true);
    expect(readlinkSync(current)).toBe('revisions/2');
    const python = join(current, '.venv/bin/python');
    const output = execFileSync(python, ['-c', 'import alpha, beta; print(alpha.__version__)'], {
      encoding: 'utf8',
    });
    expect(output).toBe('2.0\n');
  });

  it('keeps manifest, lockfile and revisions', async () => {
    const manifest = await admin.get(`/environments/${environment.id}/manifest`);
    expect(JSON.stringify(manifest.body)).toContain('alpha>=2');
    const lockfile = await admin.get(`/environments/${environment.id}/lockfile`);
    expect(JSON.stringify(lockfile.body)).toContain('sha256:');
    const revisions = await admin.get(`/environments/${environment.id}/revisions`);
    expect(revisions.body.items.map((revision: Json) => revision.number)).toEqual([2, 1]);
  });

  it('updates and removes', async () => {
    const update = await admin.post(`/environments/${environment.id}/update`, {});
    expect(update.status).toBe(202);
    expect(await admin.finished(update.body.id)).toMatchObject({ status: 'completed' });
    const removal = await admin.delete(`/environments/${environment.id}/packages/beta`);
    expect(removal.status).toBe(202);
    expect(await admin.finished(removal.body.id)).toMatchObject({ type: 'remove', status: 'completed' });
    const { body } = await admin.get(`/environments/${environment.id}/packages`);
    expect(body.items.map((record: Json) => record.name)).toEqual(['alpha']);
  });

  it('deletes: the environment is 404, its folder is gone, its jobs can still be read', async () => {
    const deletion = await admin.delete(`/environments/${environment.id}`);
    expect(deletion.status).toBe(202);
    expect(await admin.finished(deletion.body.id)).toMatchObject({ type: 'delete', status: 'completed' });
    expect((await admin.get(`/environments/${environment.id}`)).status).toBe(404);
    expect(existsSync(join(DATA, 'environments', environment.id))).toBe(false);
    expect((await admin.get(`/jobs/${deletion.body.id}`)).status).toBe(200);
    // Its name is free again.
    expect((await admin.post('/environments', { name, package_manager: 'uv' })).status).toBe(201);
  });

  it('is told that all is well, and finds the documentation', async () => {
    const health = await fetch(`${URL_OF_DARB}/api/v1/health`);
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({
      status: 'ok',
      admin: true,
      services: { worker: { registered: 1 } },
    });
    const docs = await fetch(`${URL_OF_DARB}/docs`);
    expect(docs.status).toBe(200);
    expect(await docs.text()).not.toMatch(/(src|href)="https?:/);
  });
});

describe('an environment that is given packages and a Python at once', () => {
  it('has both', async () => {
    const admin = await Person.signIn();
    const { body } = await admin.get('/package-managers');
    const uv = body.items.find(({ type }: Json) => type === 'uv');
    const version: string = uv.python_versions.at(-1);
    const python = version.split('.').slice(0, 2).join('.');
    const environment = await admin.environment(uniqueName('at-once'), {
      python,
      packages: ['with-script', 'licensed'],
    });
    expect(environment).toMatchObject({ status: 'ready', revision: 1 });
    expect(environment.python).toMatch(python);
    const hello = join(DATA, 'environments', environment.id, 'current/.venv/bin/darb-hello');
    expect(execFileSync(hello, { encoding: 'utf8' })).toBe('with-script 1.0\n');
  });
});
