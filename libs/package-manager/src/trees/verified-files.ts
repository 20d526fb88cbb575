/**
 * Files that were hashed before, so that the next tree which links them need not. Kept in a file of the pool: lines are
 * appended, by several workers at once too, and a line that is torn or lost only costs the time of a hash.
 */
import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { appendFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ExpectedFile } from './hashing.js';
import { readBounded } from './read-bounded.js';

/** Some megabytes of memory for each pool. */
const MAX_FILES = 100_000;
const MAX_BYTES = 32 * 1024 * 1024;
/** Below the resolution of a file's times, a change could leave them as they are. */
const SETTLED_MS = 50;
const LINE = /^[0-9a-z]+(\.[0-9a-z]+){5}$/;

/**
 * What a file is known by. Not its ctime: that changes with every link that a tree makes. A write changes mtime; a file
 * in another's place has another inode or time of birth. Who sets mtime back by hand is found by a full check alone.
 */
function keyOf(stats: Stats, digest: string): string {
  const numbers = [stats.dev, stats.ino, stats.size, stats.mtimeMs * 1000, stats.birthtimeMs * 1000];
  return [...numbers.map((one) => Math.round(one).toString(36)), digest.slice(0, 16)].join('.');
}

export class VerifiedFiles {
  private readonly known = new Set<string>();
  private added: string[] = [];

  private constructor(private readonly file: string) {}

  static async open(poolPath: string): Promise<VerifiedFiles> {
    const verified = new VerifiedFiles(path.join(poolPath, 'verified/files'));
    await verified.load();
    return verified;
  }

  has(file: ExpectedFile, stats: Stats): boolean {
    return file.digest !== null && this.known.has(keyOf(stats, file.digest));
  }

  /** `stats` from before the file was hashed. Files that nobody else links are not worth remembering. */
  add(file: ExpectedFile, stats: Stats): void {
    if (file.digest === null || stats.nlink < 2 || Date.now() - stats.mtimeMs < SETTLED_MS) return;
    const key = keyOf(stats, file.digest);
    if (this.known.has(key)) return;
    this.known.add(key);
    this.added.push(key);
  }

  /** What was added since. A failure is of no interest: the files are hashed again. */
  async save(): Promise<void> {
    const lines = this.added.splice(0);
    if (lines.length === 0) return;
    const isTooMany = this.known.size > MAX_FILES;
    await (isTooMany ? this.rewrite() : this.append(lines)).catch(() => undefined);
  }

  private async append(lines: string[]): Promise<void> {
    await mkdir(path.dirname(this.file), { recursive: true });
    await appendFile(this.file, `\n${lines.join('\n')}\n`);
  }

  /** Keeps the newer half. */
  private async rewrite(): Promise<void> {
    const kept = [...this.known].slice(-MAX_FILES / 2);
    this.known.clear();
    for (const key of kept) this.known.add(key);
    const next = `${this.file}.${randomUUID()}`;
    await writeFile(next, `${kept.join('\n')}\n`);
    await rename(next, this.file);
  }

  private async load(): Promise<void> {
    const found = await readBounded(this.file, MAX_BYTES);
    if (found === null) return;
    if (found.isCut) await rm(this.file, { force: true }).catch(() => undefined);
    const lines = found.bytes.toString('latin1').split('\n');
    for (const line of lines.slice(-MAX_FILES)) if (LINE.test(line)) this.known.add(line);
  }
}

const pools = new Map<string, Promise<VerifiedFiles>>();

/** One for each pool of this process. */
export function verifiedFilesOf(poolPath: string): Promise<VerifiedFiles> {
  const known = pools.get(poolPath) ?? VerifiedFiles.open(poolPath);
  pools.set(poolPath, known);
  return known;
}
