/** `node dist/migrations/main.js`: migrates DARB_DATABASE_DSN and says what it did. */
import { migrate } from './index.js';

const dsn = process.env.DARB_DATABASE_DSN;
if (!dsn) {
  console.error('DARB_DATABASE_DSN is not set: give the postgres:// URL of the database to migrate.');
  process.exit(1);
}
try {
  const ran = await migrate(dsn);
  console.log(ran.length > 0 ? `Migrated: ${ran.join(', ')}.` : 'The database is up to date.');
} catch (error) {
  console.error(`The database could not be migrated: ${(error as Error).message}`);
  process.exit(1);
}
