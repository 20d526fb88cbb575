import { createTestDatabase } from '@darb/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate, schemaDrift } from '../src/migrations/index.js';

describe('migrations', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('make exactly the tables that the entities describe', async () => {
    expect(await schemaDrift(database.dsn)).toEqual([]);
  });

  it('find nothing to do the second time, also when two run at once', async () => {
    expect(await Promise.all([migrate(database.dsn), migrate(database.dsn)])).toEqual([[], []]);
  });
});
