import { createHash } from 'node:crypto';
import { config } from './config';
import { signServiceToken } from './service-token';

export interface SessionUser {
  id: string;
  username: string;
  email: string | null;
  role: 'admin' | 'user';
}

interface AccessToken {
  token: string;
  user: SessionUser;
  /** Milliseconds since the epoch from which on a new one is fetched. */
  renewAt: number;
}

/** The session is over, or never was: the person has to sign in again. */
export class SessionEnded extends Error {}

/** Auth could not be asked; nothing is known about the session. */
export class AuthUnavailable extends Error {
  constructor(
    readonly retryAfter: string | null,
    options?: ErrorOptions,
  ) {
    super('The auth service did not answer. Try again in a moment.', options);
  }
}

const RENEW_BEFORE_MS = 60_000;
const AUTH_TIMEOUT_MS = 10_000;
const CACHE_LIMIT = 10_000;

/**
 * Access tokens by digest of the session id. On globalThis, because Next bundles each route by itself and every
 * bundle would otherwise have a cache of its own. The value is a promise: simultaneous requests ask auth once.
 */
const cache: Map<string, Promise<AccessToken>> = ((
  globalThis as typeof globalThis & { darbAccessTokens?: Map<string, Promise<AccessToken>> }
).darbAccessTokens ??= new Map());

/** Bearer token of a session, from the cache until a minute before it expires. */
export async function accessToken(sessionId: string): Promise<AccessToken> {
  const key = digest(sessionId);
  const known = cache.get(key);
  if (known) {
    const token = await known;
    if (Date.now() < token.renewAt) return token;
  }
  // Another request may have begun the exchange while this one waited for the old promise.
  const begun = cache.get(key);
  if (begun && begun !== known) return begun;
  const exchanged = exchange(sessionId);
  remember(key, exchanged);
  return exchanged;
}

/** Drops a token that a service refused, so that the next call asks auth whether the session still lives. */
export function forgetAccessToken(sessionId: string): void {
  cache.delete(digest(sessionId));
}

export interface NewSession {
  sessionId: string;
  expiresAt: Date;
}

/** Signs in. Auth's answer is passed on when it refuses, so that its words and its throttling reach the person. */
export async function createSession(
  credentials: { username: string; password: string },
  client: { address?: string | undefined; userAgent?: string | undefined },
): Promise<NewSession | Response> {
  const response = await callAuth('POST', '/internal/sessions', {
    ...credentials,
    address: client.address,
    user_agent: client.userAgent,
  });
  if (!response.ok) return response;
  const body = (await response.json()) as { session_id: string; expires_at: string };
  return { sessionId: body.session_id, expiresAt: new Date(body.expires_at) };
}

export async function endSession(sessionId: string): Promise<void> {
  forgetAccessToken(sessionId);
  await callAuth('DELETE', `/internal/sessions/${encodeURIComponent(sessionId)}`);
}

async function exchange(sessionId: string): Promise<AccessToken> {
  const response = await callAuth('POST', `/internal/sessions/${encodeURIComponent(sessionId)}/token`);
  if (response.status === 401 || response.status === 404) throw new SessionEnded();
  if (!response.ok) throw new AuthUnavailable(response.headers.get('retry-after'));
  const body = (await response.json()) as { token: string; expires_in: number; user: SessionUser };
  const lifetimeMs = body.expires_in * 1000;
  // A token shorter than two minutes is kept for half its life instead.
  const renewAt = Date.now() + Math.max(lifetimeMs - RENEW_BEFORE_MS, lifetimeMs / 2);
  return { token: body.token, user: body.user, renewAt };
}

async function callAuth(method: string, path: string, body?: unknown): Promise<Response> {
  const { authUrl, secret } = config();
  try {
    return await fetch(authUrl + path, {
      method,
      headers: {
        authorization: `Bearer ${await signServiceToken(secret)}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'error',
      cache: 'no-store',
      signal: AbortSignal.timeout(AUTH_TIMEOUT_MS),
    });
  } catch (cause) {
    throw new AuthUnavailable(null, { cause });
  }
}

function remember(key: string, exchanged: Promise<AccessToken>): void {
  cache.delete(key);
  cache.set(key, exchanged);
  exchanged.catch(() => {
    if (cache.get(key) === exchanged) cache.delete(key);
  });
  if (cache.size > CACHE_LIMIT) cache.delete(cache.keys().next().value!);
}

function digest(sessionId: string): string {
  return createHash('sha256').update(sessionId).digest('base64url');
}
