import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogFile } from './log-file.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'darb-log-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a log file', () => {
  it('goes on where it was, and keeps three full ones besides', () => {
    const file = path.join(folder, 'jobs.log');
    for (const text of ['one|', 'two|', 'three|', 'four|', 'five|', 'six|']) {
      const log = new LogFile(file, 8);
      log.write(Buffer.from(text));
      log.close();
    }
    expect(readFileSync(file, 'utf8')).toBe('six|');
    expect(readFileSync(`${file}.1`, 'utf8')).toBe('five|');
    expect(readFileSync(`${file}.2`, 'utf8')).toBe('four|');
    expect(readFileSync(`${file}.3`, 'utf8')).toBe('three|');
    expect(existsSync(`${file}.4`)).toBe(false);
  });
});
