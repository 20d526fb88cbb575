import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor, pageOf } from './cursor.js';

const SHAPE = { status: 'ready', sort: 'created_at' };

describe('cursors', () => {
  it('hold the last key', () => {
    const key = ['2026-01-01T00:00:00.000Z', 'id', null, 3];
    expect(decodeCursor(encodeCursor(key, SHAPE), SHAPE, 4)).toEqual(key);
    expect(decodeCursor(undefined, SHAPE, 4)).toBeNull();
  });

  it.each([
    ['other filters', encodeCursor(['x'], { status: 'failed' })],
    ['another length', encodeCursor(['x', 'y'], SHAPE)],
    ['junk', 'no-cursor-at-all'],
    ['JSON that is no key', Buffer.from('[{"a":1}]').toString('base64url')],
  ])('refuse %s with 400 cursor_mismatch', (_, cursor) => {
    expect(() => decodeCursor(cursor, SHAPE, 1)).toThrowError(
      expect.objectContaining({ status: 400, code: 'cursor_mismatch' }) as Error,
    );
  });

  it('are null on the last page', () => {
    const toKey = (row: number) => [row];
    const page = pageOf([1, 2, 3], 2, String, toKey, SHAPE);
    expect(page.items).toEqual(['1', '2']);
    expect(decodeCursor(page.next_cursor ?? '', SHAPE, 1)).toEqual([2]);
    expect(pageOf([1, 2], 2, String, toKey, SHAPE).next_cursor).toBeNull();
    expect(pageOf([], 2, String, toKey, SHAPE)).toEqual({ items: [], next_cursor: null });
  });
});
