/** Whether files hold what was recorded of them: small sets at once and in turns, large ones in other processes. */
import { lstatSync, type Stats } from 'node:fs';
import { hashAside } from '../offload/index.js';
import type { VerifiedFiles } from './verified-files.js';
import { checkFilesNow, type ExpectedFile, type FileFault } from './hashing.js';

/** Up to here hashing takes less than starting a process. */
const FEW_FILES = 400;
const FEW_BYTES = 4 * 1024 * 1024;
/** After so many others get their turn: a heartbeat is due every 3 s, log lines every 50 ms. */
const HASHES_PER_TURN = 20;
const STATS_PER_TURN = 500;
/** One task of a process, and one report of progress. */
const BATCH_FILES = 500;
/** With so many files wrong it does not matter which others are. */
const MAX_FAULTS = 100;

export interface FileCheckOptions {
  onProgress?: (done: number, total: number) => void;
  /** Files that need not be hashed again; null hashes every one. */
  verified?: VerifiedFiles | null;
}

export interface FileCheckOutcome {
  /** The first ones; some more files may have been looked at. */
  faults: FileFault[];
  hashed: number;
}

interface SeenFile extends ExpectedFile {
  stats: Stats;
}

class FileCheck {
  readonly faults: FileFault[] = [];
  hashed = 0;
  private readonly toHash: SeenFile[] = [];
  private bytes = 0;
  private done = 0;

  constructor(
    private readonly files: readonly ExpectedFile[],
    private readonly options: FileCheckOptions,
  ) {}

  async run(): Promise<void> {
    for (let at = 0; at < this.files.length; at += STATS_PER_TURN) {
      for (const file of this.files.slice(at, at + STATS_PER_TURN)) this.look(file);
      if (this.files.length > STATS_PER_TURN) await turn();
    }
    this.report(this.files.length - this.toHash.length);
    const isSmall = this.toHash.length <= FEW_FILES && this.bytes <= FEW_BYTES;
    await (isSmall ? this.hashInTurns() : this.hashInBatches());
    await this.options.verified?.save();
  }

  /** What is seen without reading the file. A symlink in the place of a file is a fault. */
  private look(file: ExpectedFile): void {
    const stats = statsOf(file.path);
    if (stats === null) this.faults.push({ path: file.path, fault: 'is missing' });
    else if (file.digest === null) return;
    else if (!stats.isFile()) this.faults.push({ path: file.path, fault: 'is not a plain file' });
    else if (!this.options.verified?.has(file, stats)) {
      this.toHash.push({ ...file, stats });
      this.bytes += stats.size;
    }
  }

  private async hashInTurns(): Promise<void> {
    for (let at = 0; at < this.toHash.length && !this.isEnough; at += HASHES_PER_TURN) {
      const files = this.toHash.slice(at, at + HASHES_PER_TURN);
      this.take(files, checkFilesNow(files));
      await turn();
    }
  }

  private async hashInBatches(): Promise<void> {
    const batches: SeenFile[][] = [];
    for (let at = 0; at < this.toHash.length; at += BATCH_FILES)
      batches.push(this.toHash.slice(at, at + BATCH_FILES));
    const take = async (): Promise<void> => {
      for (let files = batches.shift(); files !== undefined && !this.isEnough; files = batches.shift()) {
        this.take(
          files,
          await hashAside(files.map(({ path, digest, algorithm }) => ({ path, digest, algorithm }))),
        );
      }
    };
    await Promise.all([take(), take()]);
  }

  private take(files: SeenFile[], faults: FileFault[]): void {
    const wrong = new Set(faults.map((one) => one.path));
    this.faults.push(...faults);
    this.hashed += files.length;
    for (const file of files) if (!wrong.has(file.path)) this.options.verified?.add(file, file.stats);
    this.report(files.length);
  }

  private get isEnough(): boolean {
    return this.faults.length >= MAX_FAULTS;
  }

  private report(files: number): void {
    this.done += files;
    if (files > 0) this.options.onProgress?.(this.done, this.files.length);
  }
}

function statsOf(file: string): Stats | null {
  try {
    return lstatSync(file);
  } catch {
    return null;
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export async function checkFiles(
  files: readonly ExpectedFile[],
  options: FileCheckOptions = {},
): Promise<FileCheckOutcome> {
  const check = new FileCheck(files, options);
  await check.run();
  return { faults: check.faults.slice(0, MAX_FAULTS), hashed: check.hashed };
}
