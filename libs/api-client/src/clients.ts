import createClient, { type Client, type ClientOptions } from 'openapi-fetch';
import type { paths as AuthPaths } from './generated/auth.generated.js';
import type { paths as EnvironmentsPaths } from './generated/environments.generated.js';
import type { paths as JobsPaths } from './generated/jobs.generated.js';

export type AuthClient = Client<AuthPaths>;
export type EnvironmentsClient = Client<EnvironmentsPaths>;
export type JobsClient = Client<JobsPaths>;

export interface ApiClientOptions extends Omit<ClientOptions, 'baseUrl'> {
  /** Darb's address, or that of one service; paths carry `/api/v1` themselves. */
  baseUrl: string;
  /** Access token or API token, or where to get the newest one. A browser behind `/bff` has none. */
  token?: string | (() => string | undefined | Promise<string | undefined>);
}

/** Sign-in, users, organizations. Every call answers `{data}` or `{error}` (a problem), never throws for a status. */
export function createAuthClient(options: ApiClientOptions): AuthClient {
  return withToken(createClient<AuthPaths>(options), options.token);
}

/** Environments, their packages and revisions. */
export function createEnvironmentsClient(options: ApiClientOptions): EnvironmentsClient {
  return withToken(createClient<EnvironmentsPaths>(options), options.token);
}

/** Jobs, their logs, workers and the queue. Streams: see `streamEvents`. */
export function createJobsClient(options: ApiClientOptions): JobsClient {
  return withToken(createClient<JobsPaths>(options), options.token);
}

function withToken<Paths extends object>(
  client: Client<Paths>,
  token: ApiClientOptions['token'],
): Client<Paths> {
  if (token === undefined) return client;
  client.use({
    async onRequest({ request }) {
      const value = typeof token === 'function' ? await token() : token;
      if (value) request.headers.set('authorization', `Bearer ${value}`);
      return request;
    },
  });
  return client;
}
