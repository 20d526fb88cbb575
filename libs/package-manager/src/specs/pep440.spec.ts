import { describe, expect, it } from 'vitest';
import { compareVersions, matchesSpecifiers, parseSpecifiers, parseVersion } from './pep440.js';

describe('versions', () => {
  it('are ordered as PEP 440 says', () => {
    const ordered = [
      '1.0.dev1',
      '1.0a1.dev1',
      '1.0a1',
      '1.0a2',
      '1.0b1',
      '1.0rc1',
      '1.0',
      '1.0+abc',
      '1.0+abc.5',
      '1.0+5',
      '1.0.post1',
      '1.0.1',
      '1.1.dev1',
      '1.1',
      '1!0.1',
    ];
    const shuffled = ordered.toReversed().map((text) => parseVersion(text)!);
    shuffled.sort(compareVersions);
    expect(shuffled).toEqual(ordered.map((text) => parseVersion(text)));
  });

  it.each([
    ['1.0', '1'],
    ['1.0.0', '1'],
    ['1.0alpha1', '1.0a1'],
    ['1.0-1', '1.0.post1'],
    ['v1', '1'],
    ['1.0c1', '1.0rc1'],
  ])('%s equals %s', (left, right) => {
    expect(compareVersions(parseVersion(left)!, parseVersion(right)!)).toBe(0);
  });

  it.each([[''], ['x'], ['1.'], ['1..0'], ['1 0'], ['1.0+'], ['1.0-alpha-beta'], ['=1']])(
    '%j is none',
    (text) => {
      expect(parseVersion(text)).toBeNull();
    },
  );
});

describe('specifiers', () => {
  it.each([
    ['3.12.1', '==3.12.*', true],
    ['3.13.0', '==3.12.*', false],
    ['3.12.1', '>=3.11,<3.13', true],
    ['3.13.0', '>=3.11,<3.13', false],
    ['3.13.0rc1', '<3.13', false],
    ['3.12.0', '!=3.12.*', false],
    ['3.12.5', '~=3.12.1', true],
    ['3.13.0', '~=3.12.1', false],
    ['3.13.0', '~=3.12', true],
    ['3.12.1', '>3.12', true],
    ['3.12', '>3.12', false],
    ['1.0.post1', '>1.0', false],
    ['1.0+local', '==1.0', true],
    ['1.0', '===1.0', true],
    ['1.0', '===1', false],
    ['3.12.1', '', true],
  ])('%s in %s: %s', (version, range, expected) => {
    expect(matchesSpecifiers(version, parseSpecifiers(range)!)).toBe(expected);
  });

  it.each([['3.12'], ['>='], ['>=x'], ['>=1.*'], ['~=1'], ['>=1 <2']])('%j is not a range', (text) => {
    expect(parseSpecifiers(text)).toBeNull();
  });
});
