/** Hashes of many files, a few at a time. */
import { createHash, hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readFile } from 'node:fs/promises';

/** Two cores hash, the rest waits for the disk; more only fills memory. */
const CONCURRENCY = 8;
/** Larger files are streamed. */
const WHOLE_FILE_BYTES = 1024 * 1024;

export interface ExpectedFile {
  /** Absolute. */
  path: string;
  /** Digest in hex; null when only presence is recorded. */
  digest: string | null;
  algorithm: 'sha256' | 'sha384' | 'sha512';
}

async function digestOfFile(file: ExpectedFile, size: number): Promise<string> {
  if (size <= WHOLE_FILE_BYTES) return hash(file.algorithm, await readFile(file.path), 'hex');
  const digest = createHash(file.algorithm);
  for await (const chunk of createReadStream(file.path, { highWaterMark: WHOLE_FILE_BYTES }))
    digest.update(chunk as Buffer);
  return digest.digest('hex');
}

/** What is wrong with a file; null when all is as expected. A symlink in place of a file counts as wrong. */
async function checkFile(file: ExpectedFile): Promise<string | null> {
  const stats = await lstat(file.path).catch(() => null);
  if (stats === null) return 'is missing';
  if (!stats.isFile()) return file.digest === null ? null : 'is not a plain file';
  if (file.digest === null) return null;
  return (await digestOfFile(file, stats.size)) === file.digest ? null : 'has other contents than recorded';
}

/** Checks all files; stops early after `maxFaults`. */
export async function checkFiles(
  files: ExpectedFile[],
  onProgress: (done: number, total: number) => void = () => undefined,
  maxFaults = 5,
): Promise<{ path: string; fault: string }[]> {
  const faults: { path: string; fault: string }[] = [];
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    while (next < files.length && faults.length < maxFaults) {
      const file = files[next]!;
      next += 1;
      const fault = await checkFile(file);
      if (fault !== null) faults.push({ path: file.path, fault });
      done += 1;
      if (done % 200 === 0 || done === files.length) onProgress(done, files.length);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return faults;
}
