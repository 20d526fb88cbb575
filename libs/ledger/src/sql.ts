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
