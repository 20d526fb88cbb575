import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkFiles } from './check-files.js';
import type { ExpectedFile } from './hashing.js';
import { makeReadOnly, removeTree } from './permissions.js';
import { measureTree } from './walk.js';

let root: string;
let tree: string;
let cache: string;
let outside: string;

/** A tree as an install leaves it: a file shared with the cache, a private one, links out of the tree. */
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'darb-tree-'));
  tree = path.join(root, 'tree');
  cache = path.join(root, 'cache.txt');
  outside = path.join(root, 'outside');
  mkdirSync(path.join(tree, 'bin'), { recursive: true });
  mkdirSync(outside);
  writeFileSync(path.join(outside, 'mine.txt'), 'mine');
  writeFileSync(cache, 'shared');
  linkSync(cache, path.join(tree, 'shared.txt'));
  writeFileSync(path.join(tree, 'bin/tool'), '#!/bin/sh\n', { mode: 0o755 });
  symlinkSync(outside, path.join(tree, 'link'));
  symlinkSync('/nowhere', path.join(tree, 'dangling'));
});

afterEach(() => {
  chmodSync(tree, 0o755);
  rmSync(root, { recursive: true, force: true });
});

const modeOf = (file: string): string => (lstatSync(file).mode & 0o777).toString(8);

describe('making a tree read-only', () => {
  it('takes writing from files and folders, and leaves what can be executed', async () => {
    await makeReadOnly(tree);
    expect(modeOf(path.join(tree, 'bin/tool'))).toBe('555');
    expect(modeOf(path.join(tree, 'shared.txt'))).toBe('444');
    expect(modeOf(path.join(tree, 'bin'))).toBe('555');
    expect(modeOf(tree)).toBe('555');
    chmodSync(path.join(tree, 'bin'), 0o755);
  });

  it('follows no symlink', async () => {
    await makeReadOnly(tree);
    expect(modeOf(outside)).toBe('755');
    expect(modeOf(path.join(outside, 'mine.txt'))).toBe('644');
    chmodSync(path.join(tree, 'bin'), 0o755);
  });

  it('may be repeated', async () => {
    await makeReadOnly(tree);
    await makeReadOnly(tree);
    expect(modeOf(tree)).toBe('555');
    chmodSync(path.join(tree, 'bin'), 0o755);
  });
});

describe('removing a tree', () => {
  it('leaves shared files read-only where else they are, and what links point at', async () => {
    await makeReadOnly(tree);
    await removeTree(tree);
    expect(existsSync(tree)).toBe(false);
    expect(modeOf(cache)).toBe('444');
    expect(readFileSync(path.join(outside, 'mine.txt'), 'utf8')).toBe('mine');
    mkdirSync(tree);
  });

  it('may be repeated', async () => {
    await removeTree(tree);
    await expect(removeTree(tree)).resolves.toBeUndefined();
    mkdirSync(tree);
  });
});

it('measures an inode once and follows no symlink', async () => {
  const before = await measureTree(tree);
  linkSync(path.join(tree, 'shared.txt'), path.join(tree, 'again.txt'));
  const after = await measureTree(tree);
  expect(after).toEqual({ sizeBytes: before.sizeBytes, fileCount: before.fileCount + 1 });
  expect(before.fileCount).toBe(4);
});

describe('checking files', () => {
  const expected = (name: string, text: string | null): ExpectedFile => ({
    path: path.join(tree, name),
    algorithm: 'sha256',
    digest: text === null ? null : createHash('sha256').update(text).digest('hex'),
  });

  it('finds changed, missing and replaced ones', async () => {
    symlinkSync(path.join(outside, 'mine.txt'), path.join(tree, 'mine.txt'));
    const { faults } = await checkFiles([
      expected('shared.txt', 'shared'),
      expected('bin/tool', 'x'),
      expected('gone', 'x'),
      expected('mine.txt', 'mine'),
      expected('bin/tool', null),
    ]);
    expect(faults.map((one) => [path.basename(one.path), one.fault]).toSorted()).toEqual([
      ['gone', 'is missing'],
      ['mine.txt', 'is not a plain file'],
      ['tool', 'has other contents than recorded'],
    ]);
  });

  it('reads large files piece by piece', async () => {
    const text = 'x'.repeat(3 * 1024 * 1024 + 1);
    writeFileSync(path.join(tree, 'large'), text);
    expect(statSync(path.join(tree, 'large')).size).toBe(text.length);
    expect((await checkFiles([expected('large', text)])).faults).toEqual([]);
    expect((await checkFiles([expected('large', `${text}y`)])).faults).toHaveLength(1);
  });

  it('says how far it is', async () => {
    const seen: number[] = [];
    const files = Array.from({ length: 450 }, () => expected('shared.txt', 'shared'));
    await checkFiles(files, { onProgress: (done) => seen.push(done) });
    expect(seen.at(-1)).toBe(450);
    expect(seen).toEqual(seen.toSorted((one, other) => one - other));
  });
});
