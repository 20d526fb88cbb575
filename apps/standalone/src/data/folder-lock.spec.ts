import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { waitFor } from '@darb/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderLock } from './folder-lock.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'darb-lock-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const take = () => FolderLock.take('/data', folder, 'http://localhost:8080');

describe('the lock of a data folder', () => {
  it('lets one in, and tells the second who is there', () => {
    const lock = take();
    expect(take).toThrow(`/data is in use by another Darb (process ${process.pid}, http://localhost:8080)`);
    lock.release();
    take().release();
  });

  it('is gone with its process, even after kill -9', async () => {
    const script = `const { DatabaseSync } = require('node:sqlite'); const db = new DatabaseSync(process.argv[1]);
      db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE'); console.log('locked'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['-e', script, path.join(folder, 'lock')], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(child.stdout, 'data');
    expect(take).toThrow(/in use by another Darb/);
    child.kill('SIGKILL');
    const lock = await waitFor(take);
    lock.release();
  });
});
