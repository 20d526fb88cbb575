/** Small file systems for the stores, so that a full disk is a real one and harms nobody else. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { open, readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';

const BALLAST = '.chaos-ballast';
const PIECE = Buffer.alloc(1024 * 1024);
export const DISK_BYTES = 256 * 1024 * 1024;

export class Disk {
  private constructor(
    readonly folder: string,
    /** False: it is a folder of the machine's own disk, which must not be filled. */
    readonly isOwn: boolean,
  ) {}

  /** Needs a mount namespace of our own, see `enterNamespace`; without one it is a plain folder. */
  static create(folder: string, mayMount: boolean): Disk {
    mkdirSync(folder, { recursive: true });
    const options = `size=${DISK_BYTES},mode=0750`;
    const mounted =
      mayMount &&
      spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'darb-chaos', folder], { stdio: 'ignore' }).status ===
        0;
    return new Disk(folder, mounted);
  }

  async fill(leaveBytes: number): Promise<void> {
    const file = await open(join(this.folder, BALLAST), 'w');
    try {
      for (;;) {
        const { bavail, bsize } = await statfs(this.folder);
        const left = bavail * bsize - leaveBytes;
        if (left <= 0) return;
        await file.write(PIECE, 0, Math.min(left, PIECE.length));
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      await file.close();
    }
  }

  free(): void {
    rmSync(join(this.folder, BALLAST), { force: true });
  }

  /** Absolute paths of the trees of every pool. */
  async trees(): Promise<string[]> {
    const pools = join(this.folder, 'pools');
    const found: string[] = [];
    for (const pool of await readdir(pools).catch(() => [])) {
      const store = join(pools, pool, 'store');
      const names = await readdir(store).catch(() => []);
      found.push(...names.map((name) => join(store, name)));
    }
    return found.sort();
  }

  unmount(): void {
    if (this.isOwn) spawnSync('umount', ['-l', this.folder], { stdio: 'ignore' });
  }
}
