import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWheelIndex, uvPath, waitFor } from '../src/index.js';
import type { WheelIndex } from '../src/index.js';

describe('the local wheel index, asked by uv', () => {
  let index: WheelIndex;
  let folder: string;
  let runs = 0;

  beforeAll(async () => {
    index = await startWheelIndex();
    folder = await mkdtemp(join(tmpdir(), 'darb-wheels-'));
  });
  afterAll(async () => {
    await index.close();
    await rm(folder, { recursive: true, force: true });
  });

  function install(packages: string[], options: { cancelSignal?: AbortSignal; url?: string } = {}) {
    const target = join(folder, `run-${++runs}`);
    const args = [
      'pip',
      'install',
      '--target',
      target,
      '--only-binary',
      ':all:',
      '--no-config',
      '--',
      ...packages,
    ];
    const env = {
      PATH: process.env.PATH,
      HOME: folder,
      UV_INDEX_URL: options.url ?? index.url,
      UV_CACHE_DIR: join(folder, `cache-${runs}`),
      UV_PYTHON_DOWNLOADS: 'never',
    };
    const run = execa(uvPath(), args, {
      env,
      extendEnv: false,
      reject: false,
      ...(options.cancelSignal ? { cancelSignal: options.cancelSignal } : {}),
    });
    return { target, run };
  }

  it('serves wheels whose hashes and records are right, with what they need', async () => {
    const { target, run } = install(['beta', 'with-script', 'licensed', 'Mixed.Case_Name', 'chain-49']);
    expect(await run).toMatchObject({ exitCode: 0 });
    const files = await readdir(target);
    expect(files).toEqual(expect.arrayContaining(['alpha-2.0.dist-info', 'beta', 'chain_00', 'chain_49']));
    expect(await readdir(join(target, 'bin'))).toContain('darb-hello');
    expect(await readFile(join(target, 'licensed-1.0.dist-info', 'METADATA'), 'utf8')).toContain(
      'BSD-3-Clause',
    );
  });

  it('serves twenty thousand files on demand', async () => {
    const { target, run } = install(['many-files']);
    expect(await run).toMatchObject({ exitCode: 0 });
    expect(await readdir(join(target, 'many_files', 'part_039'))).toHaveLength(500);
  });

  it.each([
    ['a conflict', ['beta', 'gamma'], /unsatisfiable/],
    ['a package that does not exist', ['no-such-package'], /not found/],
    ['a package without a wheel', ['sdist-only'], /no usable wheels|Only source|building/i],
    ['a package for another Python', ['needs-new-python'], /Python/],
  ])('makes %s fail with its reason', async (_, packages, reason) => {
    const { stderr, exitCode } = await install(packages).run;
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(reason);
  });

  it('holds a download back until it is let go', async () => {
    index.throttle('slow-download', 0);
    const { target, run } = install(['slow-download']);
    await waitFor(() => index.downloads('slow-download') === 1, { what: 'the download to begin' });
    expect(await readdir(target).catch(() => [])).not.toContain('slow_download');
    index.throttle('slow-download', null);
    expect(await run).toMatchObject({ exitCode: 0 });
    expect(index.downloads('slow-download')).toBe(0);
  });

  it('notices that a client went away in the middle of a download', async () => {
    index.throttle('slow-download', 1);
    const cancel = new AbortController();
    const { run } = install(['slow-download'], { cancelSignal: cancel.signal });
    await waitFor(() => index.downloads('slow-download') === 1, { what: 'the download to begin' });
    cancel.abort();
    expect(await run).toMatchObject({ isCanceled: true });
    await waitFor(() => index.downloads('slow-download') === 0, { what: 'the connection to end' });
    index.throttle('slow-download', null);
  });

  it('asks for credentials when it is told to', async () => {
    const guarded = await startWheelIndex({ credentials: { username: 'reader', password: 'secret' } });
    expect((await install(['alpha'], { url: guarded.url }).run).exitCode).not.toBe(0);
    const url = guarded.url.replace('http://', 'http://reader:secret@');
    expect(await install(['alpha'], { url }).run).toMatchObject({ exitCode: 0 });
    expect(guarded.requests.map((request) => request.status)).toEqual(expect.arrayContaining([401, 200]));
    await guarded.close();
  });
});
