import { mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkStorageRoot, MAX_ROOT_LENGTH, networkFileSystem } from './check-root.js';
import { Store } from './store.js';

const ID = '019aa2d0-0000-7000-8000-000000000001';
let root: string;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'darb-store-')));
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('a store has one uuid for ever', () => {
  it('gives the same one to all who open it at once, and later', async () => {
    const opened = await Promise.all(Array.from({ length: 8 }, () => Store.open(root)));
    const later = await Store.open(root);
    expect(new Set([...opened, later].map((store) => store.id)).size).toBe(1);
    expect(await readdir(root)).toEqual(['.darb-store']);
  });

  it('refuses a file that holds something else', async () => {
    await writeFile(join(root, '.darb-store'), 'hello');
    await expect(Store.open(root)).rejects.toThrow(/does not hold a uuid/);
  });
});

describe('no path leaves the store', () => {
  it.each(['../x', 'a/b', '', 'Shared', '.'])('refuses the pool %j', async (name) => {
    const store = await Store.open(root);
    expect(() => store.pool(name)).toThrow(/no name of a pool/);
  });

  it.each([
    '/etc',
    'pools/shared/store/..',
    'pools/../store/x',
    'pools/shared/store/a/b',
    'pools/shared/cache/x',
    'environments/x',
    'pools/shared/store/',
  ])('refuses the artifact %j', async (path) => {
    const store = await Store.open(root);
    expect(() => store.tree(path)).toThrow(/no path of an artifact/);
  });

  it('makes paths of ids only', async () => {
    const store = await Store.open(root);
    expect(() => store.environment('../../etc')).toThrow(/no id/);
    expect(() => store.scratch('shared', ID, `${ID}/..`, 1)).toThrow(/no id/);
    expect(store.scratch('shared', ID, ID, 2)).toBe(join(root, 'pools/shared/scratch', ID, `${ID}-2`));
    expect(store.tree('pools/org-1/store/uv-0123-abc')).toBe(join(root, 'pools/org-1/store/uv-0123-abc'));
  });
});

describe('the storage root', () => {
  it('is made when it is missing, and resolved', async () => {
    expect(await checkStorageRoot(join(root, 'new', 'er'), false)).toBe(join(root, 'new', 'er'));
    expect(await readdir(join(root, 'new', 'er'))).toEqual([]);
  });

  it('is refused when its real path is too long for what is installed in it', async () => {
    await expect(checkStorageRoot(join(root, 'x'.repeat(MAX_ROOT_LENGTH)), false)).rejects.toThrow(
      /longer than 100/,
    );
  });

  it('knows network file systems by their magic number', () => {
    expect(networkFileSystem(0x6969)).toBe('NFS');
    expect(networkFileSystem(0xfe534d42)).toBe('SMB');
    expect(networkFileSystem(0xfe534d42 | 0)).toBe('SMB');
    expect(networkFileSystem(0xef53)).toBeNull();
  });
});
