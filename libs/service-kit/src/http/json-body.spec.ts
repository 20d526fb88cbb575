import { describe, expect, it } from 'vitest';
import { parseJsonBody } from './json-body.js';
import type { Problem } from './problem.js';

const parse = (text: string | Buffer) => parseJsonBody(Buffer.from(text as string));
const codeOf = (text: string | Buffer) => {
  try {
    parse(text);
    return 'accepted';
  } catch (error) {
    return (error as Problem).code;
  }
};
const nested = (levels: number, open = '[', close = ']') => open.repeat(levels) + close.repeat(levels);

describe('a JSON body', () => {
  it.each([
    ['levels', nested(10_000), 'too_deep'],
    ['levels that nobody closes', '['.repeat(3_000_000), 'too_deep'],
    ['levels of objects', nested(65, '{"a":', '0}').replace(':0', ':{}'), 'too_deep'],
    ['values', `[${'0,'.repeat(50_000)}0]`, 'too_many_values'],
    ['keys', `{${Array.from({ length: 60_000 }, (_, key) => `"${key}":1`).join()}}`, 'too_many_values'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xc3, 0x28, 0x22]), 'malformed_json'],
    ['bytes of a surrogate', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'malformed_json'],
    ['an open string', '"abc\\', 'malformed_json'],
    ['a NUL', '{"a":["x\\u0000"]}', 'validation_failed'],
    ['a NUL in a key', '{"a\\u0000":1}', 'validation_failed'],
    ['half a character', '{"a":"\\ud800"}', 'validation_failed'],
    ['half a character in capitals', '{"a":"\\uDC00x"}', 'validation_failed'],
    ['a prototype', '{"a":{"__proto__":{"b":1}}}', 'validation_failed'],
    ['a prototype in disguise', '{"\\u005f_proto__":1}', 'validation_failed'],
  ])('may not have too many or unfit %s', (_, text, code) => {
    expect(codeOf(text)).toBe(code);
  });

  it('may have what only looks like that', () => {
    for (const value of [
      { a: 'a \\u0000 in a text about JSON', b: '__proto__', c: '\u{1f600}', x_y: '[[[[[[' },
      { text: '['.repeat(100), quotes: '\\"[{,' },
      JSON.parse(nested(64)),
      'a'.repeat(1_000_000),
      1e308,
    ]) {
      expect(parse(JSON.stringify(value))).toEqual(value);
    }
    expect(parse('{"smile":"\\ud83d\\ude00"}')).toEqual({ smile: '\u{1f600}' });
  });

  it('is judged by its length, not in the time of what it describes', { timeout: 60_000 }, () => {
    const startedAt = performance.now();
    for (const text of [
      '['.repeat(8_000_000),
      `[${'{},'.repeat(2_500_000)}{}]`,
      `["${'\\"'.repeat(4_000_000)}"]`,
    ]) {
      codeOf(text);
    }
    // Some hundred milliseconds on a quiet machine; what grows faster than the length takes minutes.
    expect(performance.now() - startedAt).toBeLessThan(30_000);
  });
});
