import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { explainSystemError, Sentence } from '../sentence.js';

interface Owner {
  pid: number;
  url: string;
}

/**
 * One Darb per data folder. An SQLite file is what Node can lock: the lock is the kernel's, so it is gone with the
 * process however that ended, and nothing stale has to be recognized.
 */
export class FolderLock {
  private constructor(private readonly database: DatabaseSync) {}

  static take(folder: string, run: string, url: string): FolderLock {
    const ownerFile = path.join(run, 'owner.json');
    const database = open(path.join(run, 'lock'));
    try {
      database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    } catch (error) {
      database.close();
      if (!/locked|busy/i.test((error as Error).message)) throw explain(error, run);
      throw new Sentence(
        `The data folder ${folder} is in use by another Darb${describe(ownerFile)}. Stop that one first, or choose another folder with --data.`,
      );
    }
    writeFileSync(ownerFile, JSON.stringify({ pid: process.pid, url } satisfies Owner));
    return new FolderLock(database);
  }

  release(): void {
    this.database.close();
  }
}

function open(file: string): DatabaseSync {
  try {
    return new DatabaseSync(file, { timeout: 0 });
  } catch (error) {
    throw explain(error, file);
  }
}

function explain(error: unknown, file: string): Error {
  if (/full/i.test((error as Error).message))
    return explainSystemError({ code: 'ENOSPC' }, `locking ${file}`);
  return explainSystemError(error, `locking ${file}`);
}

function describe(ownerFile: string): string {
  try {
    const { pid, url } = JSON.parse(readFileSync(ownerFile, 'utf8')) as Owner;
    return ` (process ${pid}, ${url})`;
  } catch {
    return '';
  }
}
