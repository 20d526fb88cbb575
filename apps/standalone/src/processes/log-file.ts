import { closeSync, fstatSync, openSync, renameSync, statSync, writeSync } from 'node:fs';

const MAX_BYTES = 10 * 1024 * 1024;
const KEPT = 3;

/** What one process prints, in `<name>.log`; a full one becomes `<name>.log.1` and so on, and the oldest goes. */
export class LogFile {
  private handle: number;
  private size: number;

  constructor(
    readonly path: string,
    private readonly maxBytes = MAX_BYTES,
  ) {
    this.handle = openSync(path, 'a', 0o640);
    this.size = fstatSync(this.handle).size;
  }

  /** A log that can't be written (a full disk) must not end the service that wrote it. */
  write(chunk: Buffer): void {
    try {
      if (this.size > 0 && this.size + chunk.length > this.maxBytes) this.rotate();
      writeSync(this.handle, chunk);
      this.size += chunk.length;
    } catch {
      // There is nowhere left to say so.
    }
  }

  close(): void {
    closeSync(this.handle);
  }

  private rotate(): void {
    closeSync(this.handle);
    for (let number = KEPT - 1; number >= 0; number--) {
      const from = number === 0 ? this.path : `${this.path}.${number}`;
      if (statSync(from, { throwIfNoEntry: false })) renameSync(from, `${this.path}.${number + 1}`);
    }
    this.handle = openSync(this.path, 'a', 0o640);
    this.size = 0;
  }
}
