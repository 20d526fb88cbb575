/** Everything below a folder, without following a symlink, without blocking the process for long. */
import { lstatSync, readdirSync, type Dirent, type Stats } from 'node:fs';
import path from 'node:path';

export interface TreeEntry {
  path: string;
  isDirectory: boolean;
  isSymlink: boolean;
}

/** After so many entries others get their turn: a tree may have 100,000 files, a heartbeat is due every 3 s. */
const ENTRIES_PER_TURN = 500;

function toEntry(folder: string, item: Dirent): TreeEntry {
  return {
    path: path.join(folder, item.name),
    isDirectory: item.isDirectory(),
    isSymlink: item.isSymbolicLink(),
  };
}

/**
 * Calls `visit` for the root and all below it, a folder before what it holds. Synchronous calls are several times
 * faster than promises for small files, so they are made in slices.
 */
export async function walkTree(root: string, visit: (entry: TreeEntry) => void): Promise<void> {
  const top = lstatSync(root);
  const stack: TreeEntry[] = [
    { path: root, isDirectory: top.isDirectory(), isSymlink: top.isSymbolicLink() },
  ];
  let count = 0;
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    visit(entry);
    if (entry.isDirectory) {
      const folder = entry.path;
      for (const item of readdirSync(folder, { withFileTypes: true })) stack.push(toEntry(folder, item));
    }
    count += 1;
    if (count % ENTRIES_PER_TURN === 0) await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

export interface TreeSize {
  /** Apparent size of files and symlinks; an inode that appears twice counts once. */
  sizeBytes: number;
  /** Files and symlinks, without folders. */
  fileCount: number;
}

export async function measureTree(root: string): Promise<TreeSize> {
  const seen = new Set<string>();
  const total: TreeSize = { sizeBytes: 0, fileCount: 0 };
  await walkTree(root, (entry) => {
    if (entry.isDirectory) return;
    const stats: Stats = lstatSync(entry.path);
    total.fileCount += 1;
    const inode = `${stats.dev}:${stats.ino}`;
    if (stats.nlink > 1 && seen.has(inode)) return;
    if (stats.nlink > 1) seen.add(inode);
    total.sizeBytes += stats.size;
  });
  return total;
}
