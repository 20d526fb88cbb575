// By path: a workspace dependency of the root would count as one of every package, in turbo's cache keys too.
import { migrate } from './libs/models/src/migrations/index.js';
import { POSTGRES_URL_VARIABLE, startTestServers, VALKEY_ADDR_VARIABLE } from './libs/testing/src/index.js';

/** Global set-up of the integration tests: one PostgreSQL and one Valkey for the whole run. */
export default async function setup(): Promise<() => Promise<void>> {
  const servers = await startTestServers(migrate);
  process.env[POSTGRES_URL_VARIABLE] = servers.postgresUrl;
  process.env[VALKEY_ADDR_VARIABLE] = servers.valkeyAddr;
  return servers.stop;
}
