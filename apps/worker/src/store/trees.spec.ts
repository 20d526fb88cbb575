import { chmod, link, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeReadOnly } from '@darb/package-manager';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeTree, sweepDeleted } from './trees.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'darb-trees-'));
});
afterEach(() => removeTree(root));

async function build(): Promise<{ cached: string; tree: string; outside: string }> {
  const cached = join(root, 'cached');
  const outside = join(root, 'outside');
  const tree = join(root, 'tree');
  await mkdir(join(tree, 'lib', 'deep'), { recursive: true });
  await mkdir(outside);
  await writeFile(join(outside, 'kept'), 'x');
  await writeFile(cached, 'x');
  await link(cached, join(tree, 'lib', 'deep', 'file'));
  await symlink(outside, join(tree, 'lib', 'link'));
  return { cached, tree, outside };
}

const mode = async (path: string) => (await stat(path)).mode & 0o777;

describe('a published tree', () => {
  it('loses write permission, without following its symbolic links', async () => {
    const { tree, cached, outside } = await build();
    await makeReadOnly(tree);
    expect((await mode(tree)) & 0o222).toBe(0);
    expect((await mode(join(tree, 'lib', 'deep'))) & 0o222).toBe(0);
    expect((await mode(cached)) & 0o222).toBe(0);
    expect((await mode(join(outside, 'kept'))) & 0o200).toBe(0o200);
  });

  it('can be deleted, while files shared with others stay read-only and what it links to stays', async () => {
    const { tree, cached, outside } = await build();
    await makeReadOnly(tree);
    await removeTree(tree);
    expect((await readdir(root)).sort()).toEqual(['cached', 'outside']);
    expect((await mode(cached)) & 0o222).toBe(0);
    expect(await readdir(outside)).toEqual(['kept']);
  });

  it('may be gone already; a deletion that was killed is finished later', async () => {
    await removeTree(join(root, 'absent'));
    await mkdir(join(root, '.deleted-tree-1', 'x'), { recursive: true });
    await chmod(join(root, '.deleted-tree-1'), 0o500);
    await sweepDeleted(root);
    expect(await readdir(root)).toEqual([]);
    await rm(join(root, 'nothing'), { force: true });
  });
});
