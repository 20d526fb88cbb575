import { readdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { removeTree as removeFolder } from '@darb/package-manager';
import { v4 as uuid } from 'uuid';

/** Deletes a folder, read-only ones too. It is renamed first, so that a half deleted tree is never found by its name. */
export async function removeTree(path: string): Promise<void> {
  const doomed = join(dirname(path), `.deleted-${basename(path)}-${uuid()}`);
  try {
    await rename(path, doomed);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  await removeFolder(doomed);
}

/** Deletes what `removeTree` left when it was killed in the middle. */
export async function sweepDeleted(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (name.startsWith('.deleted-')) await removeFolder(join(folder, name));
  }
}
