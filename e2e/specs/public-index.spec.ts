import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, Guard, uvPath } from '@darb/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_PASSWORD, Standalone } from '../support/standalone.js';

/** Whether uv itself finds a small package on its own default index, by whatever mirror this machine is set to. */
function publicIndexAnswers(folder: string): boolean {
  const args = ['pip', 'install', '--target', join(folder, 'probe'), '--only-binary', ':all:', '--', 'rich'];
  try {
    execFileSync(uvPath(), args, {
      stdio: 'ignore',
      timeout: 30_000,
      env: { ...process.env, UV_HTTP_TIMEOUT: '10' },
    });
    return true;
  } catch {
    return false;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'darb-public-'));
const answers = publicIndexAnswers(folder);
const guard = new Guard(folder, 35);
afterAll(() => guard.dismiss());

describe.skipIf(!answers)('the public index (skipped when it does not answer)', () => {
  let darb: Standalone;

  beforeAll(async () => {
    darb = Standalone.spawn({ data: join(folder, 'data'), port: await freePort() });
    guard.watch(darb.child);
    await darb.healthy();
  });
  afterAll(async () => {
    await darb.stop();
  });

  it('gives a real environment with real packages', async () => {
    const call = async (method: string, path: string, body?: unknown, token?: string) => {
      const response = await fetch(`${darb.url}/api/v1${path}`, {
        method,
        headers: {
          'content-type': 'application/json',
          ...(token ? { authorization: `Bearer ${token}` } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      return response.json();
    };
    const { token } = await call('POST', '/auth/login', { username: 'admin', password: ADMIN_PASSWORD });
    const packages = ['rich', 'httpx>=0.27'];
    const created = await call(
      'POST',
      '/environments',
      { name: 'real', package_manager: 'uv', packages },
      token,
    );
    await expect
      .poll(async () => (await call('GET', `/jobs/${created.job.id}`, undefined, token)).status, {
        timeout: 120_000,
      })
      .toBe('completed');
    const python = join(folder, 'data/environments', created.id, 'current/.venv/bin/python');
    expect(execFileSync(python, ['-c', 'import rich, httpx; print("ok")'], { encoding: 'utf8' })).toBe(
      'ok\n',
    );
  }, 180_000);
});
