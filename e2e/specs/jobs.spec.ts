import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '@darb/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { DATA, index, Person, STANDALONE_PID, uniqueName, URL_OF_DARB } from '../support/darb.js';
import type { Json } from '../support/darb.js';
import { allProcesses, treeOf } from '../support/processes.js';

let admin: Person;

beforeAll(async () => {
  admin = await Person.signIn();
});
/** Each test its own: a wheel that is in the cache already is not downloaded again. */
let slowPackage = 0;

/** An environment with a job that hangs in the middle of a download, and that job. */
async function installing(
  purpose: string,
): Promise<{ environment: Json; job: Json; letGo: () => Promise<void> }> {
  const environment = await admin.environment(uniqueName(purpose), { packages: ['alpha'] });
  const slow = `slow-download-${++slowPackage}`;
  await index.throttle(slow, 1);
  const { status, body: job } = await admin.post(`/environments/${environment.id}/packages`, {
    packages: [slow],
  });
  expect(status).toBe(202);
  await waitFor(async () => (await index.downloads(slow)) > 0, {
    timeoutMs: 60_000,
    what: 'the tool to download',
  });
  return { environment, job, letGo: () => index.throttle(slow, null) };
}

function toolProcesses() {
  return allProcesses().filter(
    ({ command }) => command.includes(join(DATA, 'pools')) && /\buv\b/.test(command),
  );
}

async function noToolRuns(): Promise<void> {
  await waitFor(() => toolProcesses().length === 0, { timeoutMs: 30_000, what: 'the tool to be gone' });
}

describe('a job that is cancelled while it installs', () => {
  it('ends as cancelled, leaves no process, and the environment as it was', async () => {
    const { environment, job } = await installing('cancel');
    const cancelled = await admin.post(`/jobs/${job.id}/cancel`);
    expect(cancelled.status).toBe(202);
    expect(await admin.finished(job.id)).toMatchObject({ status: 'cancelled' });
    await noToolRuns();
    const after = (await admin.get(`/environments/${environment.id}`)).body;
    expect(after).toMatchObject({ status: 'ready', revision: 1, path: environment.path });
    // Cancelled is terminal: asking again changes nothing.
    expect((await admin.post(`/jobs/${job.id}/cancel`)).status).toBeOneOf([202, 409]);
    expect((await admin.get(`/jobs/${job.id}`)).body.status).toBe('cancelled');
    // And the environment is free for the next change.
    expect(await admin.add(environment.id, 'licensed')).toMatchObject({ status: 'completed' });
  });

  it('never starts when it still waits', async () => {
    const { environment, job } = await installing('cancel-waiting');
    const second = await admin.post(`/environments/${environment.id}/packages`, { packages: ['licensed'] });
    expect(second.status).toBe(202);
    expect((await admin.get(`/jobs/${second.body.id}`)).body.status).toBe('pending');
    expect((await admin.post(`/jobs/${second.body.id}/cancel`)).status).toBe(202);
    expect(await admin.finished(second.body.id)).toMatchObject({ status: 'cancelled', started_at: null });
    await admin.post(`/jobs/${job.id}/cancel`);
    expect(await admin.finished(job.id)).toMatchObject({ status: 'cancelled' });
  });
});

describe('an environment that is deleted while it installs', () => {
  it('is gone, with its folder and every process', async () => {
    const { environment, job } = await installing('delete');
    const deletion = await admin.delete(`/environments/${environment.id}`);
    expect(deletion.status).toBe(202);
    expect(await admin.finished(job.id)).toMatchObject({ status: 'cancelled' });
    expect(await admin.finished(deletion.body.id)).toMatchObject({ status: 'completed' });
    expect((await admin.get(`/environments/${environment.id}`)).status).toBe(404);
    expect(existsSync(join(DATA, 'environments', environment.id))).toBe(false);
    await noToolRuns();
  });
});

describe('a worker that gets kill -9 while it installs', () => {
  it('leaves no process; the job runs again, once, and its log says what happened', async () => {
    const { environment, job, letGo } = await installing('kill');
    const before = await admin.get(`/jobs/${job.id}`);
    expect(before.body.status).toBe('running');
    const worker = treeOf(STANDALONE_PID).find(({ command }) => /apps\/worker\/dist\/main\.js/.test(command));
    expect(worker).toBeDefined();
    process.kill(worker?.pid as number, 'SIGKILL');
    await letGo();

    const job2 = await admin.finished(job.id);
    expect(job2).toMatchObject({ status: 'completed', error: null });
    const after = (await admin.get(`/environments/${environment.id}`)).body;
    expect(after).toMatchObject({ status: 'ready', revision: 2 });
    await noToolRuns();

    const events = await admin.log(job.id);
    const lines = events.filter(({ event }) => event === 'line').map(({ data }) => data);
    const epochs = [...new Set(lines.map(({ epoch }) => epoch))];
    expect(epochs).toEqual([1, 2]);
    for (const epoch of epochs) {
      const seqs = lines.filter((line) => line.epoch === epoch).map(({ seq }) => seq);
      expect(seqs).toEqual(seqs.map((_, at) => at + 1));
    }
    const last = lines.filter(({ epoch }) => epoch === 1).at(-1);
    expect(last).toMatchObject({ stream: 'darb' });
    expect(last.text).toMatch(/worker/i);
    // Standalone starts another worker, and all is well again.
    await waitFor(async () => (await fetch(`${URL_OF_DARB}/api/v1/health`)).ok, { timeoutMs: 60_000 });
  }, 180_000);
});

describe('changes of one environment', () => {
  it('run one after the other, in the order they were asked for', async () => {
    const environment = await admin.environment(uniqueName('order'));
    const wishes = ['alpha', 'licensed', 'with-script', 'chain-03'];
    const jobs: string[] = [];
    for (const wish of wishes) {
      const { body } = await admin.post(`/environments/${environment.id}/packages`, { packages: [wish] });
      jobs.push(body.id);
    }
    const done: Json[] = await Promise.all(jobs.map((id) => admin.finished(id)));
    expect(done.map(({ status }) => status)).toEqual(wishes.map(() => 'completed'));
    for (const [at, job] of done.entries()) {
      const earlier = done[at - 1];
      if (earlier) expect(Date.parse(job.started_at)).toBeGreaterThanOrEqual(Date.parse(earlier.finished_at));
    }
    expect((await admin.get(`/environments/${environment.id}`)).body.revision).toBe(1 + wishes.length);
  });

  it('answer a repeated request with the same key once', async () => {
    const name = uniqueName('once');
    const headers = { 'idempotency-key': uniqueName('key') };
    const first = await admin.post('/environments', { name, package_manager: 'uv' }, headers);
    const second = await admin.post('/environments', { name, package_manager: 'uv' }, headers);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body.id).toBe(first.body.id);
    const other = await admin.post('/environments', { name: `${name}-b`, package_manager: 'uv' }, headers);
    expect(other.status).toBe(422);
  });
});
