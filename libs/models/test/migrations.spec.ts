import { createTestDatabase } from '@darb/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALL_MIGRATIONS, migrate, schemaDrift } from '../src/migrations/index.js';

describe('migrations', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('make exactly the tables that the entities describe', async () => {
    expect(await schemaDrift(database.dsn)).toEqual([]);
  });

  it('find nothing to do the second time', async () => {
    expect(await migrate(database.dsn)).toEqual([]);
  });

  it('run once when several start at once on an empty database', async () => {
    const empty = await createTestDatabase({ isEmpty: true });
    try {
      const ran = await Promise.all(Array.from({ length: 4 }, () => migrate(empty.dsn)));
      const names = ALL_MIGRATIONS.map((migration) => migration.name);
      expect(ran.toSorted((a, b) => b.length - a.length)).toEqual([names, [], [], []]);
      expect(await schemaDrift(empty.dsn)).toEqual([]);
    } finally {
      await empty.drop();
    }
  });
});
