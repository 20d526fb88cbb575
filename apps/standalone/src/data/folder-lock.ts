import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { say } from '../console.js';
import { explainSystemError, Sentence } from '../sentence.js';

interface Owner {
  pid: number;
  url: string;
  state: 'running' | 'stopping';
}

export interface LockPatience {
  /** How long somebody who does not say that they stop may still begin to: npm was just killed. */
  noticeMs: number;
  /** How long a stop may take, and some more. */
  stopMs: number;
}

const PATIENCE: LockPatience = { noticeMs: 2_000, stopMs: 40_000 };
const LOOK_EVERY_MS = 100;
/** The file keeps its size, so that the state can be written on a full disk. */
const OWNER_BYTES = 512;

/** SQLite's result codes, and what the operating system calls the same. */
const SQLITE_BUSY = [5, 6];
const SQLITE_TROUBLE: Record<number, string> = {
  3: 'EACCES',
  7: 'ENOMEM',
  8: 'EROFS',
  10: 'EIO',
  13: 'ENOSPC',
  14: 'EACCES',
};

/**
 * One Darb per data folder. An SQLite file is what Node can lock: the lock is the kernel's, so it is gone with the
 * process however that ended, and nothing stale has to be recognized.
 */
export class FolderLock {
  private constructor(
    private readonly database: DatabaseSync,
    private readonly ownerFile: string,
    private readonly url: string,
  ) {}

  /** Waits for a Darb that ends, and refuses while one runs. */
  static async take(
    folder: string,
    run: string,
    url: string,
    patience: LockPatience = PATIENCE,
  ): Promise<FolderLock> {
    const began = Date.now();
    let isTold = false;
    for (;;) {
      const lock = FolderLock.tryTake(run, url);
      if (lock) return lock;
      const owner = readOwner(run);
      const waited = Date.now() - began;
      const isStopping = owner?.state === 'stopping';
      if (waited >= (isStopping ? patience.stopMs : patience.noticeMs)) throw inUse(folder, owner, waited);
      if (isStopping && !isTold) {
        say(`Waiting for the Darb that used ${folder} before (process ${owner.pid}) to end …`);
        isTold = true;
      }
      await delay(LOOK_EVERY_MS);
    }
  }

  /** Undefined while somebody else has it. */
  private static tryTake(run: string, url: string): FolderLock | undefined {
    const file = path.join(run, 'lock');
    let database: DatabaseSync | undefined;
    try {
      database = new DatabaseSync(file, { timeout: 0 });
      database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    } catch (error) {
      database?.close();
      if (SQLITE_BUSY.includes(resultCode(error))) return undefined;
      throw explain(error, file);
    }
    const lock = new FolderLock(database, path.join(run, 'owner.json'), url);
    lock.note('running');
    return lock;
  }

  /** Tells a start that comes now that waiting is worth it. */
  noteStopping(): void {
    this.note('stopping');
  }

  release(): void {
    this.database.close();
  }

  private note(state: Owner['state']): void {
    const owner: Owner = { pid: process.pid, url: this.url, state };
    try {
      overwrite(this.ownerFile, JSON.stringify(owner).padEnd(OWNER_BYTES));
    } catch (error) {
      // Only who comes meanwhile would have read it; the lock itself holds without.
      if (state === 'running') throw explainSystemError(error, `writing ${this.ownerFile}`);
    }
  }
}

/** In place: no new block is needed, and nobody reads a file that is still empty. */
function overwrite(file: string, content: string): void {
  let handle: number;
  try {
    handle = openSync(file, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return writeFileSync(file, content, { mode: 0o600 });
  }
  try {
    writeSync(handle, content, 0);
  } finally {
    closeSync(handle);
  }
}

function resultCode(error: unknown): number {
  // Extended codes carry the plain one in their lowest byte.
  return ((error as { errcode?: number }).errcode ?? 0) & 0xff;
}

function explain(error: unknown, file: string): Error {
  const code = SQLITE_TROUBLE[resultCode(error)];
  if (code) return explainSystemError({ code }, `locking ${file}`);
  const { message } = error as Error;
  return new Sentence(
    `${file} can not be used as a lock (${message}). It holds nothing: delete it, then start again.`,
  );
}

function inUse(folder: string, owner: Owner | undefined, waitedMs: number): Sentence {
  const who = owner ? ` (process ${owner.pid}, ${owner.url})` : '';
  if (owner?.state === 'stopping') {
    return new Sentence(
      `The Darb that uses the data folder ${folder}${who} is stopping, but has not ended for ${Math.round(waitedMs / 1000)} s. End that process, then start again.`,
    );
  }
  return new Sentence(
    `The data folder ${folder} is in use by another Darb${who}. Stop that one first, or choose another folder with --data.`,
  );
}

function readOwner(run: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(path.join(run, 'owner.json'), 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}
