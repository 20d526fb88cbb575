import type { StoreSpace } from '@darb/models';
import { link, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { v4 as uuid } from 'uuid';

const ID_FILE = '.darb-store';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const POOL = /^[a-z0-9][a-z0-9-]{0,80}$/;
const ARTIFACT_PATH = /^pools\/[a-z0-9][a-z0-9-]*\/store\/[A-Za-z0-9._-]+$/;

/** The folder that caches, artifacts and environments live in. Every path in it comes from here, made of ids alone. */
export class Store {
  private constructor(
    readonly id: string,
    readonly root: string,
  ) {}

  /** Opens the store, and gives it its uuid when it has none. Two workers that start at once agree on one. */
  static async open(root: string): Promise<Store> {
    const file = join(root, ID_FILE);
    const mine = join(root, `${ID_FILE}.${uuid()}`);
    try {
      await writeFile(mine, `${uuid()}\n`, { mode: 0o640 });
      // link, not rename: it fails when the file is there already, and then that one counts.
      await link(mine, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      await rm(mine, { force: true });
    }
    const id = (await readFile(file, 'utf8')).trim();
    if (!UUID.test(id))
      throw new Error(`${file} does not hold a uuid; restore it from a backup of the storage root.`);
    return new Store(id, root);
  }

  pool(name: string): string {
    if (!POOL.test(name)) throw new Error(`"${name}" is no name of a pool.`);
    return join(this.root, 'pools', name);
  }

  scratch(pool: string, workerId: string, jobId: string, epoch: number): string {
    return join(this.pool(pool), 'scratch', asId(workerId), `${asId(jobId)}-${epoch}`);
  }

  /** A tree that jobs named, relative to the root. Anything but a folder directly in a pool's store is refused. */
  tree(artifactPath: string): string {
    if (!ARTIFACT_PATH.test(artifactPath) || normalize(artifactPath) !== artifactPath) {
      throw new Error(`"${artifactPath}" is no path of an artifact.`);
    }
    return join(this.root, artifactPath);
  }

  environment(environmentId: string): string {
    return join(this.root, 'environments', asId(environmentId));
  }

  async freeBytes(): Promise<number> {
    return (await this.space()).free_bytes;
  }

  async space(): Promise<StoreSpace> {
    const { bavail, blocks, bsize } = await statfs(this.root);
    return { free_bytes: bavail * bsize, total_bytes: blocks * bsize };
  }
}

function asId(text: string): string {
  if (!UUID.test(text)) throw new Error(`"${text}" is no id.`);
  return text;
}
