import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, Guard, startWheelIndex, waitFor } from '@darb/testing';
import type { WheelIndex } from '@darb/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../support/darb.js';
import { processesUsing } from '../support/processes.js';
import { ADMIN_PASSWORD, Standalone } from '../support/standalone.js';

async function call(
  darb: Standalone,
  method: string,
  path: string,
  body?: unknown,
  token?: string,
): Promise<Json> {
  const response = await fetch(`${darb.url}/api/v1${path}`, {
    method,
    headers: {
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return response.json();
}

async function signIn(darb: Standalone): Promise<string> {
  const { token } = await call(darb, 'POST', '/auth/login', { username: 'admin', password: ADMIN_PASSWORD });
  return token;
}

describe('Darb that is stopped, killed and started again', () => {
  let index: WheelIndex;
  let folder: string;
  let guard: Guard;
  let data: string;
  let port: number;
  let darb: Standalone;
  let environmentId: string;
  let jobId: string;

  const options = () => ({ data, port, env: { DARB_PACKAGE_MANAGER_UV_INDEX_URL: index.url } });
  const started = async () => {
    const standalone = Standalone.spawn(options());
    guard.watch(standalone.child);
    await standalone.healthy();
    return standalone;
  };
  const nothingRuns = (timeoutMs: number) =>
    waitFor(() => processesUsing(data).length === 0, { timeoutMs, what: 'every process to be gone' }).catch(
      (error: unknown) => {
        throw new Error(`Left behind: ${JSON.stringify(processesUsing(data))}`, { cause: error });
      },
    );

  beforeAll(async () => {
    index = await startWheelIndex();
    folder = mkdtempSync(join(tmpdir(), 'darb-restart-'));
    data = join(folder, 'data');
    port = await freePort();
    guard = new Guard(folder, 35);
    darb = await started();
  });
  afterAll(async () => {
    await darb.stop();
    await index.close();
    await guard.dismiss();
  });

  it('refuses a second one on the same data folder, with a sentence', async () => {
    const second = Standalone.spawn({ ...options(), port: await freePort() });
    const { code } = await second.ended;
    expect(code).toBeGreaterThan(0);
    expect(second.output).toContain(data);
    expect(second.output).not.toMatch(/^\s+at /m);
  });

  it('refuses a port that is taken, with a sentence', async () => {
    const second = Standalone.spawn({ ...options(), data: join(folder, 'other') });
    const { code } = await second.ended;
    expect(code).toBeGreaterThan(0);
    expect(second.output).toContain(String(port));
    expect(second.output).not.toMatch(/^\s+at /m);
    expect((await fetch(`${darb.url}/api/v1/health`)).status).toBe(200);
  });

  it('stops in order while a job installs: all gone within thirty seconds', async () => {
    const token = await signIn(darb);
    const environment = await call(
      darb,
      'POST',
      '/environments',
      { name: 'kept', package_manager: 'uv' },
      token,
    );
    environmentId = environment.id;
    index.throttle('slow-download', 1);
    const packages = ['slow-download'];
    const job = await call(darb, 'POST', `/environments/${environmentId}/packages`, { packages }, token);
    jobId = job.id;
    await waitFor(() => index.downloads('slow-download') > 0, { timeoutMs: 60_000, what: 'the download' });
    const asked = performance.now();
    const { code } = await darb.stop('SIGINT');
    expect(performance.now() - asked).toBeLessThan(30_000);
    expect(code).toBe(0);
    await nothingRuns(5_000);
  });

  it('goes on where it was: the job that was interrupted ends well', async () => {
    index.throttle('slow-download', null);
    darb = await started();
    const token = await signIn(darb);
    await waitFor(
      async () => {
        const job = await call(darb, 'GET', `/jobs/${jobId}`, undefined, token);
        if (job.status === 'failed') throw new Error(JSON.stringify(job));
        return job.status === 'completed';
      },
      { timeoutMs: 90_000, intervalMs: 250, what: 'the interrupted job to be completed' },
    );
    const environment = await call(darb, 'GET', `/environments/${environmentId}`, undefined, token);
    expect(environment).toMatchObject({ status: 'ready', revision: 2 });
  });

  it('leaves nothing behind when it gets kill -9', async () => {
    await darb.stop('SIGKILL');
    await nothingRuns(30_000);
  });

  it('starts after kill -9 with everything it had', async () => {
    darb = await started();
    const environment = await call(
      darb,
      'GET',
      `/environments/${environmentId}`,
      undefined,
      await signIn(darb),
    );
    expect(environment).toMatchObject({ status: 'ready', revision: 2 });
  });

  it('says what is wrong when the index can not be reached, and keeps what worked', async () => {
    await index.close();
    const token = await signIn(darb);
    const packages = ['licensed'];
    const asked = await call(darb, 'POST', `/environments/${environmentId}/packages`, { packages }, token);
    const job = await waitFor(
      async () => {
        const seen = await call(darb, 'GET', `/jobs/${asked.id}`, undefined, token);
        return seen.status === 'failed' ? seen : null;
      },
      { timeoutMs: 180_000, intervalMs: 500, what: 'the job to give up' },
    );
    // Nobody who asked can help it: it was tried again by itself before it failed.
    expect(job).toMatchObject({ error: { family: 'operational' }, attempt: expect.any(Number) });
    expect(job.error.message).toMatch(/index|network|reach/i);
    const environment = await call(darb, 'GET', `/environments/${environmentId}`, undefined, token);
    expect(environment).toMatchObject({ status: 'ready', revision: 2 });
  }, 200_000);
});
