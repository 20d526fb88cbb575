import { DataSource } from 'typeorm';
import { ALL_ENTITIES } from '../entities/index.js';
import { Initial1763683200000 } from './1763683200000-initial.js';
import { EventPositions1763683210000 } from './1763683210000-event-positions.js';
import { RetentionIndexes1763683225000 } from './1763683225000-retention-indexes.js';
import { RemovedLogs1763683230000 } from './1763683230000-removed-logs.js';
import { Engine1795600000000 } from './1795600000000-engine.js';

export const ALL_MIGRATIONS = [
  Initial1763683200000,
  EventPositions1763683210000,
  RetentionIndexes1763683225000,
  RemovedLogs1763683230000,
  Engine1795600000000,
];

/** Any number that nothing else in the database locks on: two `migrate` at once take turns. */
const MIGRATION_LOCK = 7_203_411;

/**
 * Brings a database up to this version's tables; a second call finds nothing to do.
 * @param dsn postgres:// URL of a role that may create schemas.
 * @returns names of the migrations that ran, in order.
 * @throws the driver's error when the server cannot be reached, or a migration fails (that one is rolled back).
 */
export async function migrate(dsn: string): Promise<string[]> {
  const dataSource = new DataSource({
    type: 'postgres',
    url: dsn,
    entities: ALL_ENTITIES,
    migrations: ALL_MIGRATIONS,
    migrationsTableName: 'darb_migrations',
    migrationsTransactionMode: 'each',
  });
  await dataSource.initialize();
  const lock = dataSource.createQueryRunner();
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const ran = await dataSource.runMigrations();
    return ran.map((migration) => migration.name);
  } finally {
    await lock.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await lock.release();
    await dataSource.destroy();
  }
}

/** Statements that would bring the tables to what the entities say; empty when nothing drifted. */
export async function schemaDrift(dsn: string): Promise<string[]> {
  const dataSource = new DataSource({ type: 'postgres', url: dsn, entities: ALL_ENTITIES });
  await dataSource.initialize();
  try {
    return (await dataSource.driver.createSchemaBuilder().log()).upQueries.map((query) => query.query);
  } finally {
    await dataSource.destroy();
  }
}
