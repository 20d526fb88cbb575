/**
 * What the dashboard's server reads from its environment. It imports nothing, so that the tools that check
 * docker-compose.yml and write the configuration table can load this file as it is.
 */

export interface DashboardConfig {
  authUrl: string;
  environmentsUrl: string;
  jobsUrl: string;
  /** Only to derive the key that signs calls to auth's internal routes. */
  secret: string;
  /** Origin that people type, without a trailing slash; null when unset (then the request's own host counts). */
  publicUrl: string | null;
  instance: string;
}

export interface ConfigVariable {
  name: string;
  description: string;
  default?: string;
  optional?: boolean;
  secret?: boolean;
}

export const DASHBOARD_VARIABLES: readonly ConfigVariable[] = [
  { name: 'DARB_AUTH_URL', description: 'Base URL of the auth service.' },
  { name: 'DARB_ENVIRONMENTS_URL', description: 'Base URL of the environments service.' },
  { name: 'DARB_JOBS_URL', description: 'Base URL of the jobs service.' },
  {
    name: 'DARB_AUTH_JWT_SECRET',
    description: 'At least 32 characters, the same in every service; the dashboard derives its service key.',
    secret: true,
  },
  {
    name: 'DARB_PUBLIC_URL',
    description:
      'Address that people open. With https the session cookie is Secure and has the __Host- prefix.',
    optional: true,
  },
  {
    name: 'DARB_INSTANCE',
    description: 'Suffix of the session cookie, so that two Darbs on one host keep apart.',
    default: 'darb',
  },
];

export class ConfigError extends Error {}

type Environment = Record<string, string | undefined>;

export function parseDashboardConfig(env: Environment): DashboardConfig {
  const secret = required(env, 'DARB_AUTH_JWT_SECRET');
  if (secret.length < 32) throw new ConfigError('DARB_AUTH_JWT_SECRET must have at least 32 characters.');
  const instance = env['DARB_INSTANCE'] || 'darb';
  if (!/^[A-Za-z0-9_-]{1,40}$/.test(instance)) {
    throw new ConfigError(
      'DARB_INSTANCE must be 1 to 40 letters, digits, _ or -: it is part of a cookie name.',
    );
  }
  return {
    authUrl: httpUrl(env, 'DARB_AUTH_URL'),
    environmentsUrl: httpUrl(env, 'DARB_ENVIRONMENTS_URL'),
    jobsUrl: httpUrl(env, 'DARB_JOBS_URL'),
    secret,
    publicUrl: env['DARB_PUBLIC_URL'] ? new URL(httpUrl(env, 'DARB_PUBLIC_URL')).origin : null,
    instance,
  };
}

let parsed: DashboardConfig | undefined;

/** The parsed environment of this process; read once, at run time, never at build time. */
export function config(): DashboardConfig {
  return (parsed ??= parseDashboardConfig(process.env));
}

function required(env: Environment, name: string): string {
  const value = env[name];
  if (!value) throw new ConfigError(`${name} is not set; the dashboard needs it to start.`);
  return value;
}

function httpUrl(env: Environment, name: string): string {
  const value = required(env, name);
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) {
    throw new ConfigError(`${name} must be an http:// or https:// URL, not "${value}".`);
  }
  return value.replace(/\/+$/, '');
}
