import { createHash } from 'node:crypto';
import { Problem } from '../http/problem.js';

/** Values of the sort columns of the last row of a page, for example [created_at ISO text, id]. */
export type CursorKey = (string | number | null)[];

/** `shape` is everything that decides which rows come in which order: filters and sort, not limit. */
export function encodeCursor(key: CursorKey, shape: unknown): string {
  return Buffer.from(JSON.stringify([hashOf(shape), ...key])).toString('base64url');
}

/** The key to continue after, null on a first page. A cursor of another list or other filters is 400 `cursor_mismatch`. */
export function decodeCursor(
  cursor: string | undefined,
  shape: unknown,
  keyLength: number,
): CursorKey | null {
  if (cursor === undefined || cursor === '') return null;
  const parts = parse(cursor);
  if (!parts || parts.length !== keyLength + 1 || parts[0] !== hashOf(shape)) {
    throw new Problem(
      400,
      'cursor_mismatch',
      'This cursor belongs to another list or other filters; start without one.',
    );
  }
  return parts.slice(1);
}

/** Makes a page of rows that were asked for with LIMIT limit + 1. */
export function pageOf<Row, Item>(
  rows: Row[],
  limit: number,
  toItem: (row: Row) => Item,
  toKey: (row: Row) => CursorKey,
  shape: unknown,
): { items: Item[]; next_cursor: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const next_cursor = rows.length > limit && last !== undefined ? encodeCursor(toKey(last), shape) : null;
  return { items: page.map(toItem), next_cursor };
}

function parse(cursor: string): CursorKey | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    const isKey = (part: unknown) => part === null || typeof part === 'string' || typeof part === 'number';
    return Array.isArray(value) && value.every(isKey) ? (value as CursorKey) : null;
  } catch {
    return null;
  }
}

function hashOf(shape: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(shape ?? null))
    .digest('base64url')
    .slice(0, 12);
}
