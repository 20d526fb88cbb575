import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, realpath, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { startWheelIndex, uvPath, type WheelIndex } from '@darb/testing';
import { v4 as uuid } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Machine } from '../src/machine/machine.js';
import { prepareMachine } from '../src/machine/prepare-machine.js';
import { createOf } from './fake-jobs.js';
import type { FakeJob } from './fake-jobs.js';
import { PATIENCE, WorkerTrial } from './worker-trial.js';

let index: WheelIndex;
let trial: WorkerTrial;

beforeAll(async () => {
  const files = Array.from({ length: 5_000 }, (_, at) => ({ path: `some_files/${at}.txt`, data: `${at}\n` }));
  index = await startWheelIndex({ packages: [{ name: 'some-files', version: '1.0', files }] });
});
afterAll(() => index.close());
beforeEach(async () => {
  trial = await WorkerTrial.open();
});
afterEach(async () => {
  index.throttle('slow-download', null);
  await trial.close();
});

const start = (sandbox: string) =>
  trial.start(prepareMachine, {
    DARB_WORKER_SANDBOX: sandbox,
    DARB_PACKAGE_MANAGER_UV_PATH: uvPath(),
    DARB_PACKAGE_MANAGER_UV_INDEX_URL: index.url,
  });

async function create(workerId: string, ...packages: string[]): Promise<FakeJob> {
  const job = trial.jobs.add({ change: createOf(packages) });
  await trial.deliver(workerId, job);
  return job;
}

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Processes of uv that work below this trial's root. */
function toolsLeft(): string {
  return spawnSync('pgrep', ['-af', `^${uvPath()} `], { encoding: 'utf8' }).stdout;
}

for (const sandbox of ['auto', 'off']) {
  describe(`real uv (sandbox ${sandbox})`, () => {
    it('builds an environment whose files are links of the cache, and starts it', async () => {
      const job = await create(await start(sandbox), 'beta', 'with-pth');
      await trial.settled(job, 'completed');
      expect(job.finish!.packages.map(({ name, version, explicit }) => [name, version, explicit])).toEqual(
        expect.arrayContaining([
          ['alpha', '2.0', false],
          ['beta', '1.0', true],
        ]),
      );
      const tree = await realpath(join(trial.environment(job), 'current'));
      const wheels = (await filesOf(join(tree, '.venv', 'lib'))).filter((file) => file.endsWith('.py'));
      const links = await Promise.all(wheels.map(async (file) => (await stat(file)).nlink));
      expect(links.filter((count) => count > 1).length).toBeGreaterThan(1);
      // Package code has not run: neither for installing, nor for verifying, nor for listing.
      expect(existsSync(join(tree, '.venv', 'pth-was-run'))).toBe(false);
      const python = join(tree, '.venv', 'bin', 'python');
      const said = execFileSync(python, ['-B', '-c', 'import alpha, beta; print("ok")'], {
        encoding: 'utf8',
      });
      expect(said).toBe('ok\n');
    });

    it('is gone after a cancel in the middle of a download, with what it had built', async () => {
      index.throttle('slow-download', 0);
      const job = await create(await start(sandbox), 'slow-download');
      await vi.waitFor(() => expect(index.downloads('slow-download')).toBeGreaterThan(0), PATIENCE);
      await trial.says(job, 'sync --frozen');
      job.isCancelAsked = true;
      await trial.settled(job, 'cancelled');
      await vi.waitFor(() => expect(index.downloads('slow-download')).toBe(0), PATIENCE);
      expect(toolsLeft()).not.toContain(trial.root);
      await vi.waitFor(async () => expect(await trial.store()).toEqual([]), PATIENCE);
    });

    it('is still there after a cancel in the first moments of verify', async () => {
      const lost: unknown[] = [];
      const note = (error: unknown) => lost.push(error);
      process.on('unhandledRejection', note);
      const workerId = await start(sandbox);
      // So many files that the cancel comes while they are being checked.
      const job = trial.jobs.add({ change: createOf(['some-files']) });
      job.cancelIn = 'verify';
      await trial.deliver(workerId, job);
      await trial.settled(job, 'cancelled');
      await trial.settled(await create(workerId, 'alpha'), 'completed');
      process.off('unhandledRejection', note);
      expect(lost).toEqual([]);
    });
  });
}

const ODD_PACKAGES: [string, string][] = [
  ['nul-in-requires', 'failed'],
  ['nul-in-name', 'failed'],
  ['nul-in-version', 'failed'],
  ['nul-in-marker', 'completed'],
  ['nul-in-license', 'completed'],
  ['nul-in-expression', 'completed'],
  ['nul-in-record', 'completed'],
  ['long-license', 'completed'],
];

describe('a package that says odd things of itself', () => {
  it.each(ODD_PACKAGES)('%s: the job %s, and no NUL leaves the worker', async (name, status) => {
    const job = await create(await start('auto'), name);
    await trial.settled(job, status as FakeJob['status']);
    const left = JSON.stringify([job.finish, job.log]);
    expect(left).not.toContain('\\u0000');
    expect(left).not.toContain('\\ud8');
    if (status === 'failed') {
      expect(job.finish!.error).toMatchObject({ code: 'package_invalid', family: 'user' });
      expect(job.finish!.error!.message).toContain(name);
    } else
      expect(job.finish!.packages.find((one) => one.name === name)!.license?.length ?? 0).toBeLessThan(201);
  });
});

describe('a uv that comes while the worker runs', () => {
  it('is used by the next job, without a restart', async () => {
    const late = join(trial.root, 'uv');
    let machine: Machine | null = null;
    const workerId = await trial.start(async (config) => (machine = await prepareMachine(config, 20)), {
      DARB_PACKAGE_MANAGER_UV_PATH: late,
      DARB_PACKAGE_MANAGER_UV_INDEX_URL: index.url,
    });
    const early = await create(workerId, 'alpha');
    await trial.settled(early, 'failed');
    expect(early.finish!.error).toMatchObject({ code: 'package_manager_unavailable', family: 'operational' });
    await symlink(uvPath(), late);
    await vi.waitFor(() => expect(machine!.manager('uv').report.available).toBe(true), PATIENCE);
    await trial.settled(await create(workerId, 'alpha'), 'completed');
  });
});

describe('real uv', () => {
  it('says in words why it failed', async () => {
    const workerId = await start('auto');
    const conflict = await create(workerId, 'beta', 'gamma');
    const sdist = await create(workerId, 'sdist-only');
    await trial.settled(conflict, 'failed');
    await trial.settled(sdist, 'failed');
    expect(conflict.finish!.error).toMatchObject({ code: 'unsatisfiable', family: 'user' });
    expect(conflict.finish!.error!.extract).toContain('alpha');
    expect(sdist.finish!.error).toMatchObject({ code: 'needs_source_build', family: 'user' });
  });

  it('gives a second environment of the same lock the same tree, without installing', async () => {
    const workerId = await start('auto');
    const first = await create(workerId, 'alpha');
    await trial.settled(first, 'completed');
    const path = trial.jobs.builtPath!;
    trial.jobs.ready.set(first.finish!.digest!, { state: 'reuse', copy_id: uuid(), path });
    const second = await create(workerId, 'alpha');
    await trial.settled(second, 'completed');
    expect(trial.jobs.text(second).join('\n')).not.toContain('sync --frozen');
    expect(await realpath(join(trial.environment(second), 'current'))).toBe(join(trial.root, path));
    expect(second.finish!.packages).toEqual(first.finish!.packages);
  });

  it('changes an environment from its last revision', async () => {
    const workerId = await start('auto');
    const made = await create(workerId, 'alpha<2');
    await trial.settled(made, 'completed');
    const { manifest, lockfile } = made.finish!;
    const base = { environment_id: made.order.environment_id, base_revision: 1, manifest, lockfile };
    const added = trial.jobs.add({
      ...base,
      change: { type: 'install', packages: ['licensed'], pypi_packages: [] },
    });
    await trial.deliver(workerId, added);
    await trial.settled(added, 'completed');
    expect(added.finish!.packages.map(({ name, version }) => `${name} ${version}`)).toEqual([
      'alpha 1.0',
      'licensed 1.0',
    ]);
    expect((await readdir(join(trial.environment(made), 'revisions'))).sort()).toEqual(['1', '2']);
  });
});
