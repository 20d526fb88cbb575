import { randomBytes, randomInt } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { explainSystemError, Sentence } from '../sentence.js';
import { writeFileSafely } from './write-file.js';

const PASSWORD_LETTERS = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** What Darb made up for itself: one file each, readable by its user alone. */
export class Secrets {
  constructor(private readonly folder: string) {}

  /** 256 random bits, made at the first call and the same ever after. */
  key(name: 'jwt-secret' | 'worker-join-token' | 'postgres-password' | 'valkey-password'): string {
    return this.keep(name, () => randomBytes(32).toString('base64url'));
  }

  /** A password that a person can type: 20 letters and digits that look like no other, about 116 bits. */
  adminPassword(): string {
    return this.keep('admin-password', () =>
      Array.from({ length: 20 }, () => PASSWORD_LETTERS[randomInt(PASSWORD_LETTERS.length)]).join(''),
    );
  }

  fileOf(name: string): string {
    return path.join(this.folder, name);
  }

  has(name: string): boolean {
    return existsSync(this.fileOf(name));
  }

  private keep(name: string, make: () => string): string {
    const file = this.fileOf(name);
    try {
      if (!this.has(name)) writeFileSafely(file, `${make()}\n`, 0o600);
      const value = readFileSync(file, 'utf8').trim();
      if (value) return value;
    } catch (error) {
      throw explainSystemError(error, `keeping the secret ${file}`);
    }
    throw new Sentence(`${file} is empty; restore it from a backup.`);
  }
}
