import { createTestDatabase, faultProxy } from '@darb/testing';
import type { FaultProxy, TestDatabase } from '@darb/testing';
import { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dataSourceOptions } from '../src/index.js';
import { toProblem } from '../src/http/to-problem.js';

describe('the connections of a service', () => {
  let database: TestDatabase;
  let proxy: FaultProxy;
  let sql: DataSource;

  const connect = async (
    settings: { databasePreparedStatements?: boolean; databasePoolSize?: number } = {},
  ) => {
    const url = new URL(database.dsn);
    url.port = String(proxy.port);
    const config = {
      databaseDsn: url.href,
      databasePoolSize: 2,
      databaseTimeoutSeconds: 1,
      databasePreparedStatements: true,
      ...settings,
    };
    sql = await new DataSource(dataSourceOptions(config, 'test')).initialize();
  };
  const problemOf = (work: Promise<unknown>) =>
    work.then(
      () => null,
      (error: unknown) => toProblem(error),
    );
  const prepared = async (runner: { query: (text: string) => Promise<{ statement: string }[]> }) =>
    (await runner.query(`SELECT statement FROM pg_prepared_statements WHERE name LIKE 'darb%'`)).map(
      ({ statement }) => statement,
    );

  beforeEach(async () => {
    database = await createTestDatabase();
    const url = new URL(database.dsn);
    proxy = await faultProxy({ host: url.hostname, port: Number(url.port) });
  });
  afterEach(async () => {
    await sql.destroy();
    await proxy.close();
    await database.drop();
  });

  it('prepare what is asked again', async () => {
    await connect();
    const runner = sql.createQueryRunner();
    for (let round = 0; round < 3; round += 1) await runner.query('SELECT $1::int + 1 AS sum', [round]);
    expect(await prepared(runner)).toEqual(['SELECT $1::int + 1 AS sum']);
    await runner.release();
  });

  it('prepare nothing where the setting says so', async () => {
    await connect({ databasePreparedStatements: false });
    const runner = sql.createQueryRunner();
    for (let round = 0; round < 3; round += 1) await runner.query('SELECT $1::int + 1 AS sum', [round]);
    expect(await prepared(runner)).toEqual([]);
    await runner.release();
  });

  it('go on when a migration changes what a prepared statement returns', async () => {
    await connect();
    await sql.query('CREATE TABLE thing (id int)');
    await sql.query('INSERT INTO thing VALUES (7)');
    const read = () => sql.query('SELECT * FROM thing WHERE id = $1', [7]);
    for (let round = 0; round < 3; round += 1) await read();
    await sql.query(`ALTER TABLE thing ADD COLUMN name text NOT NULL DEFAULT 'new'`);
    for (let round = 0; round < 4; round += 1) expect(await read()).toEqual([{ id: 7, name: 'new' }]);
  });

  it('ask for one repetition when that happens within a transaction', async () => {
    await connect();
    await sql.query('CREATE TABLE thing (id int)');
    const read = () => sql.transaction((tx) => tx.query('SELECT * FROM thing WHERE id = $1', [7]));
    // Both connections of the pool have it.
    for (let round = 0; round < 5; round += 1) await Promise.all([read(), read()]);
    await sql.query('ALTER TABLE thing ADD COLUMN name text');
    expect(await problemOf(read())).toMatchObject({ status: 503, code: 'transaction_conflict' });
    for (let round = 0; round < 3; round += 1)
      expect(await problemOf(Promise.all([read(), read()]))).toBeNull();
  });

  it('give up a statement that the server does not finish in time', async () => {
    await connect();
    expect(await problemOf(sql.query('SELECT pg_sleep(30)'))).toMatchObject({ status: 503 });
    expect(await sql.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('never hand a transaction that froze half way to the next user', async () => {
    await connect();
    await sql.query('CREATE TABLE thing (id int)');
    const transaction = sql.transaction(async (tx) => {
      await tx.query('INSERT INTO thing VALUES ($1)', [1]);
      proxy.freeze();
      await tx.query('INSERT INTO thing VALUES ($1)', [2]);
    });
    expect(await problemOf(transaction)).toMatchObject({ status: 503 });
    expect(await problemOf(sql.query('SELECT 1'))).toMatchObject({ status: 503 });
    proxy.restore();
    // As many at once as there are connections: all of them see only what was committed, and commit what they write.
    await Promise.all([3, 4, 5].map((id) => sql.query('INSERT INTO thing VALUES ($1)', [id])));
    await sql.destroy();
    await connect();
    expect(await sql.query('SELECT id FROM thing ORDER BY id')).toEqual([{ id: 3 }, { id: 4 }, { id: 5 }]);
  });

  it('answer 503 when the connection is lost between two statements of a transaction', async () => {
    await connect();
    const transaction = sql.transaction(async (tx) => {
      await tx.query('SELECT 1');
      proxy.cut();
      await new Promise((resolve) =>
        tx.queryRunner!.connect().then((c: NodeJS.EventEmitter) => c.once('end', resolve)),
      );
      await tx.query('SELECT 2');
    });
    expect(await problemOf(transaction)).toMatchObject({ status: 503, code: 'dependency_unavailable' });
    proxy.restore();
  });
});
