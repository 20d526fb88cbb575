import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseFolder, prepareFolder } from './data-folder.js';
import { checkDisk, freeBytes, refuseDisk } from './disk.js';

const GIGABYTE = 1024 ** 3;
const facts = {
  type: 0xef53,
  bsize: 4096,
  blocks: 10 * GIGABYTE,
  bavail: GIGABYTE,
  files: 100_000,
  ffree: 50_000,
};
const refused = (other: Partial<typeof facts>, allowsNetwork = false) =>
  refuseDisk('/data', { ...facts, ...other }, allowsNetwork);

describe('the disk of the data folder', () => {
  it('is full when it has no bytes or no inodes left, and only then', () => {
    expect(() => refused({})).not.toThrow();
    expect(() => refused({ bavail: 1_000 })).toThrow(/is full: 3 MB are free, Darb needs 200 MB/);
    expect(() => refused({ ffree: 10 })).toThrow(/no room for more files: 10 inodes are free/);
    // btrfs names no number of inodes; /proc and a tmpfs without a limit no number of blocks.
    expect(() => refused({ files: 0, ffree: 0 })).not.toThrow();
    expect(() => refused({ blocks: 0, bavail: 0 })).not.toThrow();
  });

  it.runIf(process.platform === 'linux')('is not on the network, unless that is allowed', () => {
    expect(() => refused({ type: 0x6969 })).toThrow(/network file system \(NFS\)/);
    expect(() => refused({ type: 0x6969 }, true)).not.toThrow();
  });

  it('says how much is free', () => {
    expect(freeBytes(tmpdir())).toBeGreaterThan(0);
    expect(freeBytes('/no/such/folder')).toBeUndefined();
  });
});

describe('a data folder that can not be', () => {
  let place: string;
  beforeEach(() => (place = mkdtempSync(path.join(tmpdir(), 'darb-errno-'))));
  afterEach(() => rmSync(place, { recursive: true, force: true }));

  function tried(data: string): string {
    try {
      const folder = chooseFolder({ data, env: {}, isRoot: false, checkout: '/checkout' });
      checkDisk(folder, false);
      prepareFolder(folder, 18);
    } catch (error) {
      expect((error as Error).name).toBe('Sentence');
      return (error as Error).message;
    }
    return 'It was accepted.';
  }

  it.runIf(process.platform === 'linux')('is told so when nothing can be made there', () => {
    expect(tried('/proc/nope')).toMatch(/no such place, and it can't be made there: .*\/proc\/nope/);
  });

  it('is told that a part of its path is a file', () => {
    writeFileSync(path.join(place, 'file'), '');
    expect(tried(path.join(place, 'file', 'data'))).toMatch(/A part of the path is a file/);
    expect(tried(path.join(place, 'file'))).toMatch(/is a file, not a folder/);
  });

  it('is told of links in a circle, and of names that are too long', () => {
    symlinkSync(path.join(place, 'b'), path.join(place, 'a'));
    symlinkSync(path.join(place, 'a'), path.join(place, 'b'));
    expect(tried(path.join(place, 'a', 'data'))).toMatch(/circle of symbolic links/);
    expect(tried(path.join(place, 'x'.repeat(300)))).toMatch(/has \d+ characters|too long/);
  });

  it.skipIf(process.getuid?.() === 0)('is told who may not write there', () => {
    mkdirSync(path.join(place, 'closed'), { mode: 0o500 });
    expect(tried(path.join(place, 'closed', 'data'))).toMatch(/This user may not do this/);
  });
});
