import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readDistributions, readRecord, sitePackagesOf } from './dist-info.js';

let prefix: string;
let site: string;

beforeEach(() => {
  prefix = mkdtempSync(path.join(os.tmpdir(), 'darb-prefix-'));
  site = path.join(prefix, 'lib/python3.12/site-packages');
  mkdirSync(site, { recursive: true });
});
afterEach(() => rmSync(prefix, { recursive: true }));

function write(name: string, metadata: string, record: string | null = ''): void {
  const folder = path.join(site, `${name}-1.0.dist-info`);
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'METADATA'), metadata);
  if (record !== null) writeFileSync(path.join(folder, 'RECORD'), record);
}

describe('the licence of a package', () => {
  it.each([
    ['an expression', 'License-Expression: MIT OR Apache-2.0\nLicense: no\n', 'MIT OR Apache-2.0'],
    ['a field', 'License: BSD 3-Clause\n', 'BSD 3-Clause'],
    [
      'classifiers',
      'Classifier: Programming Language :: Python\nClassifier: License :: OSI Approved :: MIT License\n',
      'MIT License',
    ],
    [
      'classifiers rather than a whole text',
      'License: Copyright (c) somebody\n        All rights reserved\nClassifier: License :: OSI Approved\nClassifier: License :: OSI Approved :: ISC License (ISCL)\n',
      'ISC License (ISCL)',
    ],
    [
      'the first line of a whole text',
      `License: The Long Licence\n        ${'x'.repeat(300)}\n`,
      'The Long Licence',
    ],
    ['nothing', 'License: UNKNOWN\n', null],
    ['nothing at all', '', null],
    ['not the description', '\nLicense: GPL\n', null],
  ])('is read from %s', async (_name, headers, license) => {
    write('x', `Metadata-Version: 2.4\nName: X\nVersion: 1.0\n${headers}\nLicense: from the body\n`);
    expect(await readDistributions(site)).toMatchObject([{ name: 'x', version: '1.0', license }]);
  });
});

it('reads packages by name, and leaves out what has no metadata', async () => {
  write('zeta', 'Name: Zeta.Pkg\nVersion: 1.0\n\n');
  write('alpha', 'Name: alpha\nVersion: 1.0\n\n');
  write('broken', 'Nothing here\n');
  mkdirSync(path.join(site, 'empty-1.0.dist-info'));
  expect((await readDistributions(site)).map((one) => one.name)).toEqual(['alpha', 'zeta-pkg']);
  expect(await sitePackagesOf(prefix)).toBe(site);
  expect(await sitePackagesOf(path.join(prefix, 'nowhere'))).toBeNull();
});

describe('a RECORD', () => {
  const read = async (record: string | null) => {
    write('x', 'Name: x\nVersion: 1.0\n\n', record);
    const [distribution] = await readDistributions(site);
    return readRecord(distribution!, prefix);
  };

  it('is read with quoted paths, other hashes, and files beside site-packages', async () => {
    const digest = Buffer.from('0123456789abcdef0123456789abcdef').toString('base64url');
    const files = await read(
      `"x/a,b.py",sha256=${digest},5\nx/c.py,sha512=${Buffer.alloc(64, 7).toString('base64url')},\r\n../../../bin/x,sha256=${digest},7\nx-1.0.dist-info/RECORD,,\nx/__pycache__/a.cpython-312.pyc,,\nx/d.pyc,,\n`,
    );
    expect(files).toEqual([
      {
        path: path.join(site, 'x/a,b.py'),
        algorithm: 'sha256',
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
        sizeBytes: 5,
      },
      { path: path.join(site, 'x/c.py'), algorithm: 'sha512', digest: expect.any(String), sizeBytes: null },
      { path: path.join(prefix, 'bin/x'), algorithm: 'sha256', digest: expect.any(String), sizeBytes: 7 },
      { path: path.join(site, 'x-1.0.dist-info/RECORD'), algorithm: 'sha256', digest: null, sizeBytes: null },
    ]);
  });

  it.each([['/etc/passwd,,\n'], ['../../../../x,,\n'], ['../../../../../../etc/passwd,sha256=aa,1\n']])(
    'that leaves the prefix is none: %j',
    async (record) => {
      expect(await read(record)).toBeNull();
    },
  );

  it('that is missing is none', async () => {
    expect(await read(null)).toBeNull();
  });
});

describe('a digest', () => {
  const hex = 'ab'.repeat(32);
  it.each([
    [`sha256=${Buffer.from(hex, 'hex').toString('base64url')}`, hex],
    [`sha256=${Buffer.from(hex, 'hex').toString('base64url')}=`, hex],
    [`sha256=${Buffer.from(hex, 'hex').toString('base64')}`, hex],
    [`sha256=${hex}`, hex],
    ['sha256=too-short', null],
    ['md5=d41d8cd98f00b204e9800998ecf8427e', null],
    ['', null],
  ])('written as %s is understood', async (recorded, digest) => {
    write('x', 'Name: x\nVersion: 1.0\n\n', `x/a.py,${recorded},1\nx-1.0.data/scripts/x,${recorded},1\n`);
    const [distribution] = await readDistributions(site);
    expect(await readRecord(distribution!, prefix)).toMatchObject([{ digest }]);
  });
});

describe('files of any size and content', () => {
  const site120 = () => path.join(site, 'big-1.0.dist-info');

  it('give their headers, and nothing behind them is held in memory', async () => {
    write('big', 'Name: big\nVersion: 1.0\nLicense: MIT\n\n');
    truncateSync(path.join(site120(), 'METADATA'), 120 * 1024 * 1024);
    const before = process.memoryUsage().arrayBuffers;
    expect(await readDistributions(site)).toMatchObject([{ name: 'big', license: 'MIT' }]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
  });

  it('are no record when they are too long for one', async () => {
    write('big', 'Name: big\nVersion: 1.0\n\n', 'x.py,,\n');
    truncateSync(path.join(site120(), 'RECORD'), 120 * 1024 * 1024);
    const [distribution] = await readDistributions(site);
    expect(await readRecord(distribution!, prefix)).toBeNull();
  });

  it('are not waited for when they are pipes', async () => {
    write('piped', 'x');
    rmSync(path.join(site, 'piped-1.0.dist-info/METADATA'));
    execFileSync('mkfifo', [path.join(site, 'piped-1.0.dist-info/METADATA')]);
    expect(await readDistributions(site)).toEqual([]);
  });

  it('hold no NUL and no endless field', async () => {
    write('odd', `Name: o\0dd\nVersion: 1.0\0\nLicense-Expression: ${'M'.repeat(5000)}\0\n\n`);
    const [found] = await readDistributions(site);
    expect(found).toMatchObject({ name: 'o\uFFFDdd', version: '1.0\uFFFD' });
    expect(found!.license).toHaveLength(200);
  });
});
