import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ManagerReport } from '@darb/models';
import { uvPath } from '@darb/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseConfig } from '@darb/service-kit/edge';
import { WorkerConfig } from '../src/config.js';
import type { Machine } from '../src/machine/machine.js';
import { prepareMachine } from '../src/machine/prepare-machine.js';
import { PATIENCE } from './worker-trial.js';

let root: string;
let uv: string;
let pythons: string;
let machine: Machine;
let heard: ManagerReport[][];

const report = () => machine.manager('uv').report;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'darb-machine-')));
  uv = join(root, 'tools/uv');
  pythons = join(root, 'pythons');
  await mkdir(join(root, 'tools'));
  await mkdir(join(root, 'store'));
  const config = parseConfig(WorkerConfig, {
    DARB_LOG_LEVEL: 'silent',
    DARB_JOBS_URL: 'http://127.0.0.1:1',
    DARB_QUEUE_VALKEY_ADDR: '127.0.0.1:1',
    DARB_WORKER_JOIN_TOKEN: 'f81d4fae7dec11d0a76500a0c91e6bf6',
    DARB_STORAGE_ROOT: join(root, 'store'),
    DARB_WORKER_SANDBOX: 'off',
    DARB_PACKAGE_MANAGER_UV_PATH: uv,
    DARB_PACKAGE_MANAGER_UV_PYTHON_PATH: pythons,
  });
  machine = await prepareMachine(config, 20);
  heard = [];
  machine.onChange((reports) => heard.push(reports));
  machine.onApplicationBootstrap();
});

afterEach(async () => {
  machine.onApplicationShutdown();
  await rm(root, { recursive: true });
});

/** An interpreter as far as detection goes. */
async function addPython(version: string): Promise<void> {
  await mkdir(join(pythons, 'bin'), { recursive: true });
  const file = join(pythons, 'bin/python3');
  await writeFile(
    `${file}.new`,
    `#!/bin/sh\necho '{"implementation":"cpython","version":"${version}","abi":"cp399"}'\n`,
  );
  await chmod(`${file}.new`, 0o755);
  await rm(file, { force: true });
  await symlink(`${file}.new`, file);
}

describe('a worker that runs already', () => {
  it('finds a uv that was not there at its start, and notices when it goes', async () => {
    expect(report()).toMatchObject({
      available: false,
      reason: expect.stringContaining('not an executable file'),
    });
    await symlink(uvPath(), uv);
    await vi.waitFor(
      () => expect(report()).toMatchObject({ available: true, path: uv, reason: null }),
      PATIENCE,
    );
    expect(heard.at(-1)!.find((one) => one.type === 'uv')).toEqual(report());
    await rm(uv);
    await vi.waitFor(() => expect(report().available).toBe(false), PATIENCE);
    expect(heard).toHaveLength(2);
  });

  it('finds a Python that appears, and notices when it changes or goes', async () => {
    await symlink(uvPath(), uv);
    const versions = () => report().interpreters.map((one) => one.version);
    await addPython('3.99.1');
    await vi.waitFor(() => expect(versions()).toContain('3.99.1'), PATIENCE);
    await rm(pythons, { recursive: true });
    await addPython('3.99.2');
    await vi.waitFor(() => expect(versions()).toContain('3.99.2'), PATIENCE);
    expect(versions()).not.toContain('3.99.1');
    await rm(pythons, { recursive: true });
    await vi.waitFor(() => expect(versions()).not.toContain('3.99.2'), PATIENCE);
  });

  it('says nothing while nothing changes, also when it is told to look again', async () => {
    await machine.lookAgain();
    await machine.lookAgain();
    expect(heard).toEqual([]);
  });

  it('goes on when a listener fails', async () => {
    machine.onChange(() => {
      throw new Error('of the listener');
    });
    await symlink(uvPath(), uv);
    await vi.waitFor(() => expect(report().available).toBe(true), PATIENCE);
    await rm(uv);
    await vi.waitFor(() => expect(report().available).toBe(false), PATIENCE);
  });
});
