import { lstat, mkdir, readlink, rename, rm, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { v4 as uuid } from 'uuid';
import { removeTree, sweepDeleted } from '../store/trees.js';
import type { Store } from '../store/store.js';

const REVISION_LINK = /^revisions\/(\d+)$/;

/**
 * The links through which people reach an environment. Each one is made under another name and renamed into
 * place: whoever looks sees the old one or the new one, and a worker that is killed leaves at most a stray name.
 */
export class Publisher {
  constructor(private readonly store: Store) {}

  /** Names `artifactPath` as revision `number` and moves `current` to it, unless a higher one is there already. */
  async publish(environmentId: string, number: number, artifactPath: string): Promise<void> {
    const folder = this.store.environment(environmentId);
    const revisions = join(folder, 'revisions');
    const tree = this.store.tree(artifactPath);
    if (!(await lstat(tree)).isDirectory()) throw new Error(`${tree} is no folder.`);
    await mkdir(revisions, { recursive: true, mode: 0o750 });
    const target = relative(revisions, tree);
    await replaceLink(join(revisions, String(number)), target);
    await this.moveCurrent(folder, number);
  }

  /**
   * Puts the links of a published revision right: a missing or foreign one, and a `current` that somebody pointed
   * elsewhere by hand. A `current` that names a higher revision which is there was moved by a publish meanwhile.
   * @returns whether anything was wrong
   */
  async restore(environmentId: string, number: number, artifactPath: string): Promise<boolean> {
    const folder = this.store.environment(environmentId);
    const revisions = join(folder, 'revisions');
    await mkdir(revisions, { recursive: true, mode: 0o750 });
    const isMoved = await replaceLink(
      join(revisions, String(number)),
      relative(revisions, this.store.tree(artifactPath)),
    );
    const before = await currentOf(folder);
    const isNewer = before !== null && before > number && (await isFolder(join(revisions, String(before))));
    if (isNewer) return isMoved;
    return (await replaceLink(join(folder, 'current'), `revisions/${number}`)) || isMoved;
  }

  /** Links of an environment that is deleted. The artifacts behind them belong to others too and stay. */
  async remove(environmentId: string): Promise<void> {
    const folder = this.store.environment(environmentId);
    await removeTree(folder);
    await sweepDeleted(dirname(folder));
  }

  /** The revision that `current` points at; null when there is none. */
  async current(environmentId: string): Promise<number | null> {
    return currentOf(this.store.environment(environmentId));
  }

  private async moveCurrent(folder: string, number: number): Promise<void> {
    const before = await currentOf(folder);
    if (before !== null && before >= number) return;
    await replaceLink(join(folder, 'current'), `revisions/${number}`);
  }
}

async function currentOf(folder: string): Promise<number | null> {
  const target = await readLink(join(folder, 'current'));
  const match = REVISION_LINK.exec(target ?? '');
  return match ? Number(match[1]) : null;
}

/** @returns whether the link was another one, or none */
async function replaceLink(path: string, target: string): Promise<boolean> {
  if ((await readLink(path)) === target) return false;
  const fresh = join(dirname(path), `.${basename(path)}-${uuid()}`);
  await symlink(target, fresh);
  try {
    await rename(fresh, path);
    return true;
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false;
}

async function readLink(path: string): Promise<string | null> {
  return readlink(path).catch(() => null);
}
