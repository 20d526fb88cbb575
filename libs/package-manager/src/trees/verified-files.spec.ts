import { createHash } from 'node:crypto';
import {
  appendFileSync,
  linkSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkFiles } from './check-files.js';
import type { ExpectedFile } from './hashing.js';
import { VerifiedFiles } from './verified-files.js';

let pool: string;
let cached: string;
let file: ExpectedFile;

beforeEach(() => {
  pool = mkdtempSync(path.join(os.tmpdir(), 'darb-verified-'));
  cached = path.join(pool, 'cached');
  writeFileSync(cached, 'content');
  // As old as a cache is.
  utimesSync(cached, 1_700_000_000, 1_700_000_000);
  file = linkIt('first');
});
afterEach(() => rmSync(pool, { recursive: true }));

/** What a new tree does with a file of the cache. */
function linkIt(name: string): ExpectedFile {
  linkSync(cached, path.join(pool, name));
  const digest = createHash('sha256').update('content').digest('hex');
  return { path: path.join(pool, name), algorithm: 'sha256', digest };
}

const check = async (one: ExpectedFile) => checkFiles([one], { verified: await VerifiedFiles.open(pool) });

describe('a file that was hashed once', () => {
  beforeEach(async () => {
    expect(await check(file)).toEqual({ faults: [], hashed: 1 });
  });

  it('is not hashed again when another tree links it, by whatever process', async () => {
    expect(await check(linkIt('second'))).toEqual({ faults: [], hashed: 0 });
    expect(await check(linkIt('third'))).toEqual({ faults: [], hashed: 0 });
  });

  it.each<[string, () => void]>([
    ['was appended to', () => appendFileSync(cached, '!')],
    ['was overwritten with as many bytes', () => writeFileSync(cached, 'CONTENT')],
    [
      'has another in its place, as old as itself',
      () => {
        writeFileSync(`${cached}.new`, 'CONTENT');
        utimesSync(`${cached}.new`, 1_700_000_000, 1_700_000_000);
        renameSync(`${cached}.new`, cached);
      },
    ],
  ])('is found out when it %s', async (_name, change) => {
    change();
    const { faults } = await check(linkIt('second'));
    expect(faults).toEqual([{ path: path.join(pool, 'second'), fault: 'has other contents than recorded' }]);
  });

  it('is found out by a full check even when its time was set back by hand', async () => {
    writeFileSync(cached, 'CONTENT');
    utimesSync(cached, 1_700_000_000, 1_700_000_000);
    expect((await checkFiles([linkIt('second')], { verified: null })).faults).toHaveLength(1);
  });

  it('is hashed for a package that records something else', async () => {
    const other = { ...linkIt('second'), digest: 'a'.repeat(64) };
    expect((await check(other)).faults).toHaveLength(1);
  });
});

it('is not remembered while its time could stay the same after a change, or when nobody else has it', async () => {
  const now = Date.now() / 1000;
  utimesSync(cached, now, now);
  await check(file);
  expect((await check(linkIt('second'))).hashed).toBe(1);
  rmSync(path.join(pool, 'verified'), { recursive: true, force: true });
  utimesSync(cached, 1_700_000_000, 1_700_000_000);
  rmSync(path.join(pool, 'second'));
  rmSync(file.path);
  await check({ ...file, path: cached });
  expect((await check(linkIt('third'))).hashed).toBe(1);
});

describe('what is remembered', () => {
  it('survives torn lines and other workers that write at the same time', async () => {
    await check(file);
    const stored = path.join(pool, 'verified/files');
    appendFileSync(stored, readFileSync(stored, 'utf8').slice(2, 30));
    const [one, other] = await Promise.all([VerifiedFiles.open(pool), VerifiedFiles.open(pool)]);
    const more = Array.from({ length: 50 }, (_, at) => ({ ...linkIt(`more-${at}`) }));
    await Promise.all([checkFiles(more, { verified: one }), checkFiles(more, { verified: other })]);
    expect((await check(linkIt('second'))).hashed).toBe(0);
  });
});
