import { randomFillSync } from 'node:crypto';
import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { complain, say } from '../console.js';
import type { DataFolder } from './data-folder.js';
import { freeBytes } from './disk.js';

const MEGABYTE = 1024 * 1024;
const LOOK_EVERY_MS = 2_000;

export interface ReserveSizes {
  reserveBytes: number;
  /** Below this much free space the reserve is given back. */
  lowBytes: number;
  /** Above this much it is taken again; well above, so that it does not come and go. */
  plentyBytes: number;
}

/** Four segments of PostgreSQL's log: enough to accept and record what people delete to make space. */
const SIZES: ReserveSizes = {
  reserveBytes: 64 * MEGABYTE,
  lowBytes: 24 * MEGABYTE,
  plentyBytes: 384 * MEGABYTE,
};

/**
 * Space that Darb keeps for the day on which the disk is full: giving it back lets the database write again, and
 * without the database nobody could delete an environment to make space.
 */
export class DiskReserve {
  private readonly file: string;
  private timer: NodeJS.Timeout | undefined;
  private isLow = false;

  constructor(
    private readonly folder: Pick<DataFolder, 'path' | 'run'>,
    private readonly sizes: ReserveSizes = SIZES,
  ) {
    this.file = path.join(folder.run, 'reserve');
  }

  /** Takes it where there is plenty, and looks after the disk from then on. */
  keep(): void {
    this.look();
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.timer.unref();
  }

  /** Stays on disk: the next start has it too. */
  stop(): void {
    clearInterval(this.timer);
  }

  /** At once, because somebody could not write. */
  release(): void {
    if (!this.isLow) {
      complain(
        `The disk of the data folder ${this.folder.path} is full. Free some space: nothing can be installed until then.`,
      );
    }
    this.isLow = true;
    rmSync(this.file, { force: true });
  }

  private look(): void {
    const free = freeBytes(this.folder.path);
    if (free === undefined) return;
    if (free < this.sizes.lowBytes) this.release();
    else if (free >= this.sizes.plentyBytes) this.take();
  }

  private take(): void {
    if (this.isLow) say('The disk of the data folder has space again.');
    this.isLow = false;
    if (statSync(this.file, { throwIfNoEntry: false })?.size === this.sizes.reserveBytes) return;
    try {
      writeRandom(this.file, this.sizes.reserveBytes);
    } catch {
      // Full meanwhile, or a quota: then there is none.
      rmSync(this.file, { force: true });
    }
  }
}

/** Random, because a file system that compresses would keep nothing for a file of zeros. */
function writeRandom(file: string, bytes: number): void {
  const block = randomFillSync(Buffer.alloc(MEGABYTE));
  const handle = openSync(file, 'w', 0o600);
  try {
    for (let written = 0; written < bytes; written += block.length) {
      // Different from the last one, for file systems that keep equal blocks once.
      block.writeUInt32BE(written / MEGABYTE);
      writeSync(handle, block, 0, Math.min(block.length, bytes - written));
    }
  } finally {
    closeSync(handle);
  }
}
