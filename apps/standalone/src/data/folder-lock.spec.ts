import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { waitFor } from '@darb/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FolderLock } from './folder-lock.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'darb-lock-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const patience = { noticeMs: 200, stopMs: 20_000 };
const take = () => FolderLock.take('/data', folder, 'http://localhost:8080', patience);

describe('the lock of a data folder', () => {
  it('lets one in, and tells the second who is there', async () => {
    const lock = await take();
    await expect(take()).rejects.toThrow(
      `/data is in use by another Darb (process ${process.pid}, http://localhost:8080)`,
    );
    lock.release();
    (await take()).release();
  });

  it('is waited for when the one who has it stops, also when that begins a little later', async () => {
    const lock = await take();
    const said = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const second = take();
    lock.noteStopping();
    await waitFor(() => said.mock.calls.length > 0);
    expect(said).toHaveBeenCalledWith(expect.stringContaining(`before (process ${process.pid}) to end`));
    said.mockRestore();
    lock.release();
    (await second).release();
  });

  it('is not waited for without end', async () => {
    const lock = await take();
    lock.noteStopping();
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const second = FolderLock.take('/data', folder, '', { noticeMs: 0, stopMs: 300 });
    await expect(second).rejects.toThrow(/is stopping, but has not ended .* End that process/);
    vi.restoreAllMocks();
    lock.release();
  });

  it('says what is wrong with its file', async () => {
    writeFileSync(path.join(folder, 'lock'), 'x'.repeat(5_000));
    await expect(take()).rejects.toThrow(/lock can not be used as a lock \(.*not a database\).* delete it/);
  });

  it('is gone with its process, even after kill -9', async () => {
    const script = `const { DatabaseSync } = require('node:sqlite'); const db = new DatabaseSync(process.argv[1]);
      db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE'); console.log('locked'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['-e', script, path.join(folder, 'lock')], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(child.stdout, 'data');
    await expect(take()).rejects.toThrow(/in use by another Darb/);
    child.kill('SIGKILL');
    const lock = await waitFor(take);
    lock.release();
  });
});
