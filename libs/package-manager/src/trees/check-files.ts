/** Whether files hold what was recorded of them: small sets at once and in turns, large ones in other processes. */
import { lstatSync, type Stats } from 'node:fs';
import { hashAside } from '../offload/index.js';
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

class FileCheck {
  readonly faults: FileFault[] = [];
  private readonly toHash: ExpectedFile[] = [];
  private bytes = 0;
  private done = 0;

  constructor(
    private readonly files: readonly ExpectedFile[],
    private readonly onProgress: (done: number, total: number) => void,
  ) {}

  async run(): Promise<void> {
    for (let at = 0; at < this.files.length; at += STATS_PER_TURN) {
      for (const file of this.files.slice(at, at + STATS_PER_TURN)) this.look(file);
      if (this.files.length > STATS_PER_TURN) await turn();
    }
    this.report(this.files.length - this.toHash.length);
    const isSmall = this.toHash.length <= FEW_FILES && this.bytes <= FEW_BYTES;
    await (isSmall ? this.hashInTurns() : this.hashInBatches());
  }

  /** What is seen without reading the file. A symlink in the place of a file is a fault. */
  private look(file: ExpectedFile): void {
    const stats = statsOf(file.path);
    if (stats === null) this.faults.push({ path: file.path, fault: 'is missing' });
    else if (file.digest === null) return;
    else if (!stats.isFile()) this.faults.push({ path: file.path, fault: 'is not a plain file' });
    else {
      this.toHash.push(file);
      this.bytes += stats.size;
    }
  }

  private async hashInTurns(): Promise<void> {
    for (let at = 0; at < this.toHash.length && !this.isEnough; at += HASHES_PER_TURN) {
      const files = this.toHash.slice(at, at + HASHES_PER_TURN);
      this.faults.push(...checkFilesNow(files));
      this.report(files.length);
      await turn();
    }
  }

  private async hashInBatches(): Promise<void> {
    const batches: ExpectedFile[][] = [];
    for (let at = 0; at < this.toHash.length; at += BATCH_FILES)
      batches.push(this.toHash.slice(at, at + BATCH_FILES));
    const take = async (): Promise<void> => {
      for (let files = batches.shift(); files !== undefined && !this.isEnough; files = batches.shift()) {
        this.faults.push(...(await hashAside(files)));
        this.report(files.length);
      }
    };
    await Promise.all([take(), take()]);
  }

  private get isEnough(): boolean {
    return this.faults.length >= MAX_FAULTS;
  }

  private report(files: number): void {
    this.done += files;
    if (files > 0) this.onProgress(this.done, this.files.length);
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

/** The first faults; some more files may have been looked at. */
export async function checkFiles(
  files: readonly ExpectedFile[],
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<FileFault[]> {
  const check = new FileCheck(files, onProgress);
  await check.run();
  return check.faults.slice(0, MAX_FAULTS);
}
