import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { DATA, Person, uniqueName } from '../support/darb.js';
import type { Json } from '../support/darb.js';

let admin: Person;
let environment: Json;

beforeAll(async () => {
  admin = await Person.signIn();
  environment = await admin.environment(uniqueName('refusals'), { packages: ['beta'] });
});

async function jobCount(): Promise<number> {
  const { body } = await admin.get(`/jobs?environment_id=${environment.id}&limit=200`);
  return body.items.length;
}

describe('what is refused before there is a job', () => {
  it.each([
    ['an option', ['--index-url=http://x'], 'spec_not_allowed'],
    ['a short option', ['-rrequirements.txt'], 'spec_not_allowed'],
    ['a file URL', ['x @ file:///etc/passwd'], 'spec_not_allowed'],
    ['a git URL', ['x @ git+https://example.org/x'], 'spec_not_allowed'],
    ['a path', ['./local'], 'spec_not_allowed'],
    ['an absolute path', ['/etc/passwd'], 'spec_not_allowed'],
    ['a URL', ['https://example.org/x.whl'], 'spec_not_allowed'],
    ['a shell word', ['alpha; touch /tmp/x'], expect.stringMatching(/^spec_/)],
    ['a second line', ['alpha\nbeta'], expect.stringMatching(/^spec_/)],
    ['half a version', ['alpha>='], 'spec_invalid'],
    ['an empty spec', [''], expect.any(String)],
    ['no spec at all', [], 'validation_failed'],
    ['a text instead of a list', 'alpha', 'validation_failed'],
    ['nothing', undefined, 'validation_failed'],
    ['a number in the list', [1], expect.any(String)],
  ])('%s is a 422', async (_, packages, code) => {
    const before = await jobCount();
    const { status, body } = await admin.post(`/environments/${environment.id}/packages`, { packages });
    expect({ status, code: body.code }).toEqual({ status: 422, code });
    expect(body).toMatchObject({ type: expect.any(String), status: 422, detail: expect.any(String) });
    expect(await jobCount()).toBe(before);
  });

  it('malformed JSON is a 400', async () => {
    const { status, body } = await admin.post(`/environments/${environment.id}/packages`, '{"packages":');
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'malformed_json' });
  });

  it('a taken name is a 409', async () => {
    const { status, body } = await admin.post('/environments', {
      name: environment.name,
      package_manager: 'uv',
    });
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'name_taken' });
  });

  it('pixi, where there is none, is a 422 that says how to get it', async () => {
    const { body: managers } = await admin.get('/package-managers');
    const pixi = managers.items.find(({ type }: Json) => type === 'pixi');
    if (pixi.available) return;
    expect(pixi.reason).toMatch(/pixi/i);
    const { status, body } = await admin.post('/environments', {
      name: uniqueName('pixi'),
      package_manager: 'pixi',
    });
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'package_manager_unavailable' });
    expect(body.detail).toMatch(/pixi/i);
  });

  it.each(['../up', 'a/b', '', '-rf', 'x'.repeat(300), 'a\nb'])('the name %j is a 422', async (name) => {
    const { status } = await admin.post('/environments', { name, package_manager: 'uv' });
    expect(status).toBe(422);
  });

  it('an unknown field is a 422 that names it', async () => {
    const { status, body } = await admin.post('/environments', {
      name: uniqueName('field'),
      pakages: ['alpha'],
    });
    expect(status).toBe(422);
    expect(JSON.stringify(body.errors)).toContain('pakages');
  });

  it('an unknown route is a 404 problem', async () => {
    const { status, body } = await admin.get('/no-such-thing');
    expect({ status, code: body.code }).toEqual({ status: 404, code: 'route_not_found' });
  });
});

describe('what the package manager cannot do', () => {
  it.each([
    ['a package that does not exist', 'no-such-package', 'package_not_found', /no-such-package/],
    ['versions that conflict', 'gamma', 'unsatisfiable', /alpha/],
    ['a version that does not exist', 'alpha>=99', expect.any(String), /alpha/],
    ['a package that is only a source distribution', 'sdist-only', 'needs_source_build', /sdist-only/],
  ])('%s fails the job with its reason, and what worked keeps working', async (_, spec, code, reason) => {
    const job = await admin.add(environment.id, spec);
    expect(job).toMatchObject({ status: 'failed', error: { code, family: 'user' } });
    expect(`${job.error.message} ${job.error.extract}`).toMatch(reason);
    const after = (await admin.get(`/environments/${environment.id}`)).body;
    expect(after).toMatchObject({ status: 'ready', revision: environment.revision, path: environment.path });
    expect(after.last_error).toMatchObject({ code });
    expect(existsSync(join(after.path, '.venv/bin/python'))).toBe(true);
  });

  it('a Python that can not be had fails the create, which says so', async () => {
    const { body } = await admin.post('/environments', {
      name: uniqueName('python'),
      package_manager: 'uv',
      python: '3.99',
    });
    const job = await admin.finished(body.job.id);
    expect(job).toMatchObject({ status: 'failed', error: { family: 'user' } });
    expect(job.error.message).toMatch(/3\.99/);
    expect((await admin.get(`/environments/${body.id}`)).body).toMatchObject({
      status: 'failed',
      revision: null,
    });
  });

  it('runs no code of a package: the .pth of an installed wheel was never executed', async () => {
    const made = await admin.environment(uniqueName('pth'), { packages: ['with-pth'] });
    const prefix = join(DATA, 'environments', made.id, 'current/.venv');
    expect(existsSync(join(prefix, 'pyvenv.cfg'))).toBe(true);
    expect(existsSync(join(prefix, 'pth-was-run'))).toBe(false);
  });
});
