import { parseOptions } from './options.mjs';
import { Sentence } from './sentence.js';
import type { Environment } from './variables.js';

/** What standalone itself decides by; everything else in the environment is for the services. */
export interface Settings {
  host: string | undefined;
  port: number;
  /** As given; undefined takes the usual place of this user. */
  data: string | undefined;
  /** Servers that somebody else runs; undefined starts our own. */
  databaseDsn: string | undefined;
  valkeyAddr: string | undefined;
  adminUsername: string;
  adminPassword: string | undefined;
  jwtSecret: string | undefined;
  joinToken: string | undefined;
  allowsNetworkStorage: boolean;
}

const DEFAULT_PORT = 8080;

export function readSettings(options: ReturnType<typeof parseOptions>, env: Environment): Settings {
  const given = (name: string) => env[name] || undefined;
  return {
    host: given('DARB_SERVER_HOST'),
    port: options.port ?? portFrom(given('DARB_SERVER_PORT')),
    data: options.data ?? given('DARB_STORAGE_ROOT'),
    databaseDsn: given('DARB_DATABASE_DSN'),
    valkeyAddr: given('DARB_QUEUE_VALKEY_ADDR'),
    adminUsername: given('DARB_ADMIN_USERNAME') ?? 'admin',
    adminPassword: given('DARB_ADMIN_PASSWORD'),
    jwtSecret: given('DARB_AUTH_JWT_SECRET'),
    joinToken: given('DARB_WORKER_JOIN_TOKEN'),
    allowsNetworkStorage: /^(true|1)$/i.test(given('DARB_STORAGE_ALLOW_NETWORK') ?? ''),
  };
}

function portFrom(text: string | undefined): number {
  if (text === undefined) return DEFAULT_PORT;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new Sentence(`DARB_SERVER_PORT is "${text}": it must be a number from 1 to 65535.`);
  }
  return port;
}
