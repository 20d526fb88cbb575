// Stands in for the migrations: the one table that standalone itself looks at.
import { createRequire } from 'node:module';
import path from 'node:path';

const standalone = path.resolve(import.meta.dirname, '../../../../apps/standalone/package.json');
const { default: pg } = await import(createRequire(standalone).resolve('pg'));
const client = new pg.Client({ connectionString: process.env.DARB_DATABASE_DSN });
await client.connect();
await client.query('CREATE SCHEMA IF NOT EXISTS auth; CREATE TABLE IF NOT EXISTS auth.users (name text)');
if (process.env.FAKE_USER) await client.query('INSERT INTO auth.users VALUES ($1)', [process.env.FAKE_USER]);
await client.end();
