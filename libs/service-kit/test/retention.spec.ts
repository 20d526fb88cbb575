import { createTestDatabase } from '@darb/testing';
import type { TestDatabase } from '@darb/testing';
import { Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  configGroups,
  createTestApp,
  DatabaseConfig,
  DatabaseModule,
  deleteRule,
  RetentionConfig,
  RetentionModule,
  RetentionSweep,
  ServerConfig,
} from '../src/index.js';

const RULE = deleteRule(
  'things',
  `DELETE FROM public.thing WHERE id IN (
     SELECT id FROM public.thing WHERE created_at < now() - make_interval(hours => $2) LIMIT $1)`,
  [1],
);

class SampleConfig extends configGroups(ServerConfig, DatabaseConfig, RetentionConfig) {}

@Module({ imports: [DatabaseModule.forRoot(), RetentionModule.forRoot({ rules: () => [RULE] })] })
class SampleModule {}

describe('the sweep of what is older than its retention', () => {
  let database: TestDatabase;
  let app: NestFastifyApplication;
  let sql: DataSource;

  beforeAll(async () => {
    database = await createTestDatabase();
    app = await createTestApp({
      service: 'auth',
      module: SampleModule,
      configClass: SampleConfig,
      environment: { DARB_DATABASE_DSN: database.dsn, DARB_LOG_LEVEL: 'silent' },
    });
    sql = app.get(DataSource);
    await sql.query('CREATE TABLE thing (id serial, created_at timestamptz)');
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });
  beforeEach(() => sql.query('TRUNCATE thing, auth.idempotency_keys'));

  const left = async (table: string) =>
    (await sql.query<{ count: number }[]>(`SELECT count(*)::int AS count FROM ${table}`))[0]!.count;
  const sweep = () => app.get(RetentionSweep).sweep();
  const addThings = (count: number, age: string) =>
    sql.query(
      `INSERT INTO thing (created_at) SELECT now() - interval '${age}' FROM generate_series(1, ${count})`,
    );

  it('removes all that is old, however much, and nothing else', async () => {
    await addThings(2_500, '2 hours');
    await addThings(3, '10 minutes');
    expect(await sweep()).toEqual({ things: 2_500, idempotency_keys: 0 });
    expect(await left('thing')).toBe(3);
  });

  it('removes idempotency keys only when they are no longer repeated', async () => {
    await sql.query(
      `INSERT INTO auth.idempotency_keys (actor_id, key, route, request_hash, status, created_at)
       SELECT gen_random_uuid(), age, 'POST /', 'h', 200, now() - age::interval
         FROM unnest(ARRAY['23 hours', '25 hours', '3 days']) AS age`,
    );
    expect(await sweep()).toMatchObject({ idempotency_keys: 2 });
    expect(await sql.query('SELECT key FROM auth.idempotency_keys')).toEqual([{ key: '23 hours' }]);
  });

  it('leaves the work to the replica that is at it', async () => {
    await addThings(1, '2 hours');
    await sql.transaction(async (other) => {
      await other.query(`SELECT pg_advisory_xact_lock(hashtextextended('darb auth retention', 0))`);
      expect(await sweep()).toBeNull();
    });
    expect(await left('thing')).toBe(1);
    expect(await sweep()).toMatchObject({ things: 1 });
  });
});
