import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { v4 as uuid } from 'uuid';
import type { Store } from './store.js';

/** A folder younger than this may belong to a build that the list does not know yet. */
const YOUNG_MS = 60 * 60_000;

/**
 * Folders in the pools' stores that the database does not know, relative to the root: left by a worker that died
 * between the request and the answer, or by a database that was restored. Ages are told by the file system's own
 * clock, which all workers of a store share.
 */
export async function unknownTrees(store: Store, knownPaths: readonly string[]): Promise<string[]> {
  const known = new Set(knownPaths);
  const now = await clockOf(store);
  const unknown: string[] = [];
  for (const pool of await list(join(store.root, 'pools'))) {
    for (const name of await list(join(store.root, 'pools', pool, 'store'))) {
      const path = `pools/${pool}/store/${name}`;
      if (known.has(path) || name.startsWith('.deleted-')) continue;
      const found = await stat(join(store.root, path)).catch(() => null);
      if (found?.isDirectory() && now - found.ctimeMs > YOUNG_MS) unknown.push(path);
    }
  }
  return unknown;
}

async function clockOf(store: Store): Promise<number> {
  const probe = join(store.root, `.probe-${uuid()}`);
  try {
    await writeFile(probe, '');
    return (await stat(probe)).mtimeMs;
  } catch {
    // A full disk takes no file: then this machine's clock has to do.
    return Date.now();
  } finally {
    await rm(probe, { force: true });
  }
}

function list(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
