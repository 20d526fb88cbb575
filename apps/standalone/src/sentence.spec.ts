import { describe, expect, it } from 'vitest';
import { explainSystemError, Sentence } from './sentence.js';

const explained = (code: string, path?: string) => explainSystemError({ code, path }, 'making /data');

describe('what the operating system reports', () => {
  it.each([
    ['ENOSPC', /disk is full/],
    ['EDQUOT', /quota is used up/],
    ['EACCES', /may not do this/],
    ['EPERM', /may not do this/],
    ['EROFS', /read-only/],
    ['ENOENT', /no such place/],
    ['ENOTDIR', /is a file, not a folder/],
    ['EEXIST', /Something else is in its place/],
    ['ELOOP', /circle of symbolic links/],
    ['ENAMETOOLONG', /too long/],
    ['EIO', /The disk reports an error/],
    ['ESTALE', /file system there is gone/],
    ['EMFILE', /ulimit -n/],
    ['ENXIO', /It failed: making \/data: no such device or address \(ENXIO\)/],
  ])('%s is a sentence that is true', (code, sentence) => {
    const error = explained(code);
    expect(error).toBeInstanceOf(Sentence);
    expect(error.message).toMatch(sentence);
    expect(error.message).toContain('making /data');
    if (code !== 'ENOSPC') expect(error.message).not.toContain('disk is full');
  });

  it.runIf(process.platform === 'linux')('is understood where Node has no name for it', () => {
    const quota = { code: 'Unknown system error -122', errno: -122 };
    expect(explainSystemError(quota, 'making /data').message).toMatch(/quota is used up/);
  });

  it('names the path once', () => {
    expect(explained('EACCES', '/data').message.match(/\/data/g)).toHaveLength(1);
    expect(explained('EACCES', '/data/run').message).toContain('(/data/run)');
  });

  it('leaves a mistake in the program what it is', () => {
    for (const error of [new TypeError('x is not a function'), Object.assign(new Error(), { code: 'ERR_X' })])
      expect(explainSystemError(error, 'starting')).toBe(error);
  });
});
