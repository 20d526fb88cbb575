import { describe, expect, it } from 'vitest';
import { splitToml } from './toml';

const kinds = (line: string) => splitToml(line).map(({ kind, text }) => `${kind}:${text}`);

describe('splitToml', () => {
  it('tells keys, strings, values and comments apart', () => {
    expect(kinds('requires-python = ">=3.12" # why')).toEqual([
      'key:requires-python',
      'plain: = ',
      'string:">=3.12"',
      'plain: ',
      'comment:# why',
    ]);
    expect(kinds('version = 1')).toEqual(['key:version', 'plain: = ', 'value:1']);
    expect(kinds('    { url = "a#b", size = 12 },')).toContain('string:"a#b"');
  });

  it('knows tables', () => {
    expect(kinds('[[package]]')).toEqual(['header:[[package]]']);
    expect(kinds('dependencies = ["rich"]')[0]).toBe('key:dependencies');
  });

  it('gives back every character', () => {
    for (const line of ['', 'x = "unclosed', "a = 'b' ]", '- conda: https://x/y.conda', '#']) {
      expect(
        splitToml(line)
          .map(({ text }) => text)
          .join(''),
      ).toBe(line);
    }
  });
});
