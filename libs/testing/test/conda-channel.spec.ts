import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCondaChannel } from '../src/index.js';

describe('the local conda channel', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'darb-conda-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('names archives with their true hashes', async () => {
    await makeCondaChannel(folder, { chain: 1 });
    const { packages } = JSON.parse(await readFile(join(folder, 'noarch/repodata.json'), 'utf8')) as {
      packages: Record<string, { sha256: string }>;
    };
    const [file, record] = Object.entries(packages).find(([name]) => name.startsWith('entry-demo')) ?? [];
    const archive = await readFile(join(folder, 'noarch', file as string));
    expect(createHash('sha256').update(archive).digest('hex')).toBe(record?.sha256);
  });
});
