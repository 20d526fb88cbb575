import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanText, cleanTexts, json, rows } from './sql.js';
import type { Queryable } from './sql.js';

/** Texts as a broken tool writes them: any 16-bit units, NUL and halves of surrogate pairs among them. */
const anyText = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
});
const badText = fc.oneof(anyText, fc.constantFrom('\0', '\uD83D', '\uDE00', '\\u0000', '\\ud83d', ''));

const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

describe('cleanText', () => {
  it('makes any text storable, and leaves a storable one alone', () => {
    fc.assert(
      fc.property(badText, (text) => {
        const clean = cleanText(text);
        expect(isStorable(clean)).toBe(true);
        expect(clean).toHaveLength(text.length);
        if (isStorable(text)) expect(clean).toBe(text);
      }),
    );
  });
});

describe('cleanTexts', () => {
  it('reaches texts and names at every depth', () => {
    const bad = { '\0': ['\0', { a: '\uD83D' }], number: 1, nothing: null, yes: true };
    expect(cleanTexts(bad)).toEqual({
      '\uFFFD': ['\uFFFD', { a: '\uFFFD' }],
      number: 1,
      nothing: null,
      yes: true,
    });
  });

  it('changes nothing that is fine', () => {
    const fine = fc.jsonValue({ stringUnit: 'grapheme-ascii' });
    fc.assert(
      fc.property(fine, (value) => {
        expect(cleanTexts(value)).toEqual(value);
      }),
    );
  });
});

describe('json', () => {
  it('writes no escape that jsonb refuses, whatever the texts and names are', () => {
    const record = fc.dictionary(badText, fc.oneof(badText, fc.array(badText), fc.integer()));
    fc.assert(
      fc.property(record, (value) => {
        const parsed = JSON.parse(json(value)!) as Record<string, unknown>;
        const texts = [...Object.keys(parsed), ...Object.values(parsed).flat()];
        expect(texts.filter((text) => typeof text === 'string' && !isStorable(text))).toEqual([]);
      }),
    );
  });

  it('keeps a backslash that only looks like an escape', () => {
    expect(JSON.parse(json({ path: 'C:\\u0000\\ud83d' })!)).toEqual({ path: 'C:\\u0000\\ud83d' });
  });

  it('leaves nothing as the null of SQL', () => {
    expect([json(null), json(undefined), json(0)]).toEqual([null, null, '0']);
  });
});

describe('rows', () => {
  const answering = (answer: unknown): Queryable => ({ query: async () => answer as never });

  it.each([
    ['a select', [{ id: 1 }], [{ id: 1 }]],
    ['an update, which comes with a count', [[{ id: 1 }], 1], [{ id: 1 }]],
    ['an update of nothing', [[], 0], []],
    ['a select of two rows', [{ id: 1 }, { id: 2 }], [{ id: 1 }, { id: 2 }]],
  ])('are those of %s', async (_name, answer, expected) => {
    expect(await rows(answering(answer), 'SELECT')).toEqual(expected);
  });
});
