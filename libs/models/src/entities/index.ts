import 'reflect-metadata';
import * as auth from './auth.js';
import * as environments from './environments.js';
import * as jobs from './jobs.js';

export * from './auth.js';
export * from './environments.js';
export * from './jobs.js';

/** Every table of Darb, for a DataSource. */
export const ALL_ENTITIES = [auth, environments, jobs].flatMap((tables) =>
  Object.values(tables).filter((table) => table !== auth.IdempotencyRecord),
);
