import { mkdir, mkdtemp, readdir, readlink, realpath, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Store } from '../store/store.js';
import { removeTree } from '../store/trees.js';
import { Publisher } from './publisher.js';

const ID = '019aa2d0-0000-7000-8000-000000000001';
const TREES = ['pools/shared/store/uv-1', 'pools/shared/store/uv-2', 'pools/shared/store/uv-3'] as const;
let root: string;
let publisher: Publisher;
let folder: string;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'darb-publish-')));
  for (const tree of TREES) await mkdir(join(root, tree), { recursive: true });
  publisher = new Publisher(await Store.open(root));
  folder = join(root, 'environments', ID);
});
afterEach(() => removeTree(root));

describe('publishing', () => {
  it('links the revision relatively and moves current to it', async () => {
    await publisher.publish(ID, 1, TREES[0]);
    expect(await readlink(join(folder, 'revisions', '1'))).toBe('../../../pools/shared/store/uv-1');
    expect(await readlink(join(folder, 'current'))).toBe('revisions/1');
    expect(await realpath(join(folder, 'current'))).toBe(join(root, TREES[0]));
  });

  it('moves current only up, whatever comes late, and may be repeated', async () => {
    await publisher.publish(ID, 2, TREES[1]);
    await publisher.publish(ID, 1, TREES[0]);
    await publisher.publish(ID, 2, TREES[1]);
    expect(await publisher.current(ID)).toBe(2);
    expect((await readdir(join(folder, 'revisions'))).sort()).toEqual(['1', '2']);
    expect((await readdir(folder)).sort()).toEqual(['current', 'revisions']);
  });

  it('ends at the highest revision when many publish at once and the last asks again', async () => {
    await Promise.all([3, 1, 2].map((number) => publisher.publish(ID, number, TREES[number - 1]!)));
    await publisher.publish(ID, 3, TREES[2]);
    expect(await realpath(join(folder, 'current'))).toBe(join(root, TREES[2]));
  });

  it('replaces a current that is no link of ours', async () => {
    await mkdir(join(folder, 'revisions'), { recursive: true });
    await symlink('/etc', join(folder, 'current'));
    await publisher.publish(ID, 1, TREES[0]);
    expect(await readlink(join(folder, 'current'))).toBe('revisions/1');
  });

  it('fails for a tree that is not there: a link to nothing is not published', async () => {
    await expect(publisher.publish(ID, 1, 'pools/shared/store/uv-9')).rejects.toThrow(/uv-9/);
    expect(await publisher.current(ID)).toBeNull();
  });

  it('removes the links of an environment and nothing behind them; a second time too', async () => {
    await publisher.publish(ID, 1, TREES[0]);
    await publisher.remove(ID);
    await publisher.remove(ID);
    expect(await readdir(join(root, 'environments'))).toEqual([]);
    expect(await readdir(join(root, 'pools/shared/store'))).toHaveLength(3);
  });
});
