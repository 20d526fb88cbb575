/** Hashes of files, one after the other. */
import { createHash, hash } from 'node:crypto';
import { closeSync, lstatSync, openSync, readFileSync, readSync } from 'node:fs';

/** Up to here a file is read as a whole. */
const SMALL_BYTES = 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;

export interface ExpectedFile {
  /** Absolute. */
  path: string;
  /** Digest in hex; null when only presence is recorded. */
  digest: string | null;
  algorithm: 'sha256' | 'sha384' | 'sha512';
}

export interface FileFault {
  path: string;
  fault: string;
}

/** In hex; large files piece by piece. */
export function digestOfFile(file: string, algorithm: ExpectedFile['algorithm'], sizeBytes: number): string {
  if (sizeBytes <= SMALL_BYTES) return hash(algorithm, readFileSync(file), 'hex');
  const digest = createHash(algorithm);
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  const handle = openSync(file, 'r');
  try {
    for (let read = readSync(handle, chunk); read > 0; read = readSync(handle, chunk))
      digest.update(chunk.subarray(0, read));
  } finally {
    closeSync(handle);
  }
  return digest.digest('hex');
}

function faultOf(file: ExpectedFile): string | null {
  try {
    return digestOfFile(file.path, file.algorithm, lstatSync(file.path).size) === file.digest
      ? null
      : 'has other contents than recorded';
  } catch (error) {
    return `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`;
  }
}

/** Reads and hashes files one after the other without a pause: for another process, or for a few of them. */
export function checkFilesNow(files: readonly ExpectedFile[]): FileFault[] {
  return files.flatMap((file) => {
    const fault = faultOf(file);
    return fault === null ? [] : [{ path: file.path, fault }];
  });
}
