/** Trees lose write permission once they are verified, and get just enough of it back to be deleted. */
import { chmodSync, lstatSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { walkTree } from './walk.js';

const WRITE = 0o222;
const OWNER_ALL = 0o700;

/**
 * Called by the worker after `verify`. Files are hardlinks of the cache: its inodes become read-only too, which is
 * wanted (a later sync still links them). Symlinks are neither followed nor changed. Already read-only files are
 * left alone, which is most of a warm tree. As root this only advises.
 */
export async function makeReadOnly(tree: string): Promise<void> {
  await walkTree(tree, (entry) => {
    if (entry.isSymlink) return;
    const { mode } = lstatSync(entry.path);
    if ((mode & WRITE) !== 0) chmodSync(entry.path, mode & ~WRITE & 0o7777);
  });
}

/**
 * Called by the worker for trees nobody uses. Only folders become writable again: files are shared with the cache
 * and with other trees, and must stay read-only there. A tree that is gone already is fine.
 */
export async function removeTree(tree: string): Promise<void> {
  try {
    await walkTree(tree, (entry) => {
      if (entry.isDirectory) chmodSync(entry.path, (lstatSync(entry.path).mode & 0o7777) | OWNER_ALL);
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  await rm(tree, { recursive: true, force: true });
}
