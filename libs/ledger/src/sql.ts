import type { EntityManager } from 'typeorm';

/** What TypeORM's EntityManager and DataSource have in common here. */
export type Queryable = Pick<EntityManager, 'query'>;

/** Rows of a statement. TypeORM answers UPDATE and DELETE as [rows, count], all else as rows. */
export async function rows<T>(tx: Queryable, sql: string, parameters: unknown[] = []): Promise<T[]> {
  const result = (await tx.query(sql, parameters)) as unknown;
  if (
    Array.isArray(result) &&
    result.length === 2 &&
    Array.isArray(result[0]) &&
    typeof result[1] === 'number'
  ) {
    return result[0] as T[];
  }
  return result as T[];
}

export async function firstRow<T>(
  tx: Queryable,
  sql: string,
  parameters: unknown[] = [],
): Promise<T | undefined> {
  return (await rows<T>(tx, sql, parameters))[0];
}

/** Text as Postgres takes it: no NUL, no half of a surrogate pair. Whoever brought it in should have cleaned it. */
export function cleanText(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}

const NOT_STORABLE = /\\u(?:0000|d[89ab]|d[c-f])/i;

/** The same value with every text in it, the names of members too, as Postgres takes it. */
export function cleanTexts<T>(value: T): T {
  if (typeof value === 'string') {
    return (value.includes('\0') || !value.isWellFormed() ? cleanText(value) : value) as T;
  }
  if (Array.isArray(value)) return value.map((item) => cleanTexts<unknown>(item)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [cleanText(name), cleanTexts<unknown>(member)]),
  ) as T;
}

/** A value as a parameter for a jsonb column; null stays SQL's null. */
export function json(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const text = JSON.stringify(value);
  if (!NOT_STORABLE.test(text)) return text;
  return JSON.stringify(cleanTexts(JSON.parse(text)));
}
