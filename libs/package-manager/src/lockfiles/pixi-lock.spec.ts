import { describe, expect, it } from 'vitest';
import { checkLockfile } from '../check-files.js';
import { parsePixiLock } from './pixi-lock.js';

const CHANNEL = 'https://channel.example/conda-forge/';
const ZLIB = `${CHANNEL}linux-64/zlib-1.3.1-hb619c5d_0.conda`;

const lockOf = (location: string, record = `  sha256: ${'a'.repeat(64)}\n`) => `version: 7
environments:
  default:
    channels:
    - url: ${CHANNEL}
    packages:
      linux-64:
      - conda: ${location}
packages:
- conda: ${location}
${record}`;

const faultOf = (text: unknown): string => {
  const result = checkLockfile('pixi', text);
  return result.ok ? 'accepted' : `${result.errors[0]!.code} ${result.errors[0]!.field ?? ''}`.trim();
};

describe('a pixi.lock', () => {
  it('is read, names with hyphens included', () => {
    const result = parsePixiLock(lockOf(`${CHANNEL}noarch/ca-certificates-2025.1.31-heb61c33_0.conda`));
    expect(result.ok && result.lock.platforms.get('linux-64')).toMatchObject([
      { name: 'ca-certificates', version: '2025.1.31', build: 'heb61c33_0' },
    ]);
    expect(faultOf(lockOf(ZLIB))).toBe('accepted');
  });

  const place = 'environments.default.packages.linux-64[0]';
  it.each([
    [
      'an archive of elsewhere',
      lockOf('https://evil.example/linux-64/zlib-1.3.1-h0.conda'),
      `lockfile_not_allowed ${place}`,
    ],
    [
      'a channel that only begins alike',
      lockOf('https://channel.example/conda-forge-evil/linux-64/zlib-1.3.1-h0.conda'),
      `lockfile_not_allowed ${place}`,
    ],
    [
      'a way out of the channel',
      lockOf(`${CHANNEL}../evil/zlib-1.3.1-h0.conda`),
      `lockfile_not_allowed ${place}`,
    ],
    ['a local file', lockOf('/etc/zlib-1.3.1-h0.conda'), `lockfile_not_allowed ${place}`],
    ['a source package', lockOf('./zlib'), `lockfile_not_allowed ${place}`],
    ['no hash', lockOf(ZLIB, '  md5: 00\n'), `lockfile_not_allowed ${place}`],
    ['an older schema', lockOf(ZLIB).replace('version: 7', 'version: 4'), 'lockfile_invalid version'],
    ['a newer schema', lockOf(ZLIB).replace('version: 7', 'version: 99'), 'lockfile_invalid version'],
    [
      'another environment',
      lockOf(ZLIB).replace('packages:\n- conda', '  other:\n    channels: []\npackages:\n- conda'),
      'lockfile_not_allowed environments.other',
    ],
    ['no environment', 'version: 7\npackages: []\n', 'lockfile_invalid environments'],
    [
      'a package that it does not describe',
      lockOf(ZLIB).replace(`- conda: ${ZLIB}\n  sha`, `- conda: ${ZLIB}x\n  sha`),
      `lockfile_invalid ${place}`,
    ],
    ['what is not YAML', '{ a: [', 'lockfile_invalid'],
    ['aliases', 'version: 7\na: &x [1]\nb: [*x, *x]\n', 'lockfile_invalid'],
    ['nothing', '', 'lockfile_invalid'],
    ['a text', 'hello', 'lockfile_invalid'],
    ['a flow collection', 'version: 7\nenvironments: { default: {} }\n', 'lockfile_invalid'],
    ['a tag', 'version: !!int 7\n', 'lockfile_invalid'],
    ['a key twice', 'version: 7\nversion: 7\n', 'lockfile_invalid'],
    ['a text over several lines', 'version: |\n  7\n', 'lockfile_invalid'],
    ['odd indentation', 'version: 7\n   a: 1\n', 'lockfile_invalid'],
    ['a name of hyphens', lockOf('-'.repeat(200_000)), `lockfile_not_allowed ${place}`],
    [
      'a thousand levels',
      Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
      'lockfile_invalid',
    ],
    ['a prototype', 'version: 7\n__proto__:\n  environments: 1\n', 'lockfile_invalid environments'],
  ])('may not hold %s', (_name, text, fault) => {
    expect(faultOf(text)).toBe(fault);
  });

  it('with PyPI packages is not taken from a person: nothing says which index they are of', () => {
    const text = lockOf(ZLIB)
      .replace(
        `      - conda: ${ZLIB}\n`,
        `      - conda: ${ZLIB}\n      - pypi: https://files.example/rich-1.0-py3-none-any.whl\n`,
      )
      .concat(
        `- pypi: https://files.example/rich-1.0-py3-none-any.whl\n  name: rich\n  version: '1.0'\n  sha256: ${'b'.repeat(64)}\n`,
      );
    expect(parsePixiLock(text).ok).toBe(true);
    expect(faultOf(text)).toBe('lockfile_not_allowed');
  });
});
