import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';

/** Whole or not at all, and on the disk when it returns. */
export function writeFileSafely(file: string, content: string, mode: number): void {
  const fresh = `${file}.${process.pid}`;
  const handle = openSync(fresh, 'w', mode);
  try {
    writeSync(handle, content);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(fresh, file);
}
