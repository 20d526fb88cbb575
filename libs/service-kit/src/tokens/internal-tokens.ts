import { createHash, timingSafeEqual } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { deriveKey, SERVICE_PURPOSE, WORKER_PURPOSE } from './derive-key.js';

export const ISSUER = 'darb';
export const API_AUDIENCE = 'darb-api';
export const SERVICE_AUDIENCE = 'darb-internal';
export const WORKER_AUDIENCE = 'darb-worker';
const SERVICE_TOKEN_SECONDS = 60;
export const WORKER_TOKEN_SECONDS = 600;

/** What a service shows another one; lives a minute. */
export function signServiceToken(secret: string, service: string): Promise<string> {
  return sign(secret, SERVICE_PURPOSE, SERVICE_AUDIENCE, service, SERVICE_TOKEN_SECONDS);
}

/** Name of the calling service, or null when the token is not a valid one. */
export function verifyServiceToken(secret: string, token: string): Promise<string | null> {
  return verify(secret, SERVICE_PURPOSE, SERVICE_AUDIENCE, token);
}

/** Bound to one worker; the jobs service hands it out at join and anew with every heartbeat. */
export function signWorkerToken(secret: string, workerId: string): Promise<string> {
  return sign(secret, WORKER_PURPOSE, WORKER_AUDIENCE, workerId, WORKER_TOKEN_SECONDS);
}

/** Id of the worker, or null when the token is not a valid one. */
export function verifyWorkerToken(secret: string, token: string): Promise<string | null> {
  return verify(secret, WORKER_PURPOSE, WORKER_AUDIENCE, token);
}

/** Compares two secrets in a time that tells nothing of either. */
export function equalSecrets(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}

function sign(secret: string, purpose: string, audience: string, subject: string, seconds: number) {
  return new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(ISSUER)
    .setAudience(audience)
    .setSubject(subject)
    .setIssuedAt()
    .setExpirationTime(`${seconds}s`)
    .sign(deriveKey(secret, purpose));
}

async function verify(
  secret: string,
  purpose: string,
  audience: string,
  token: string,
): Promise<string | null> {
  try {
    const { payload } = await jwtVerify(token, deriveKey(secret, purpose), {
      issuer: ISSUER,
      audience,
      algorithms: ['HS256'],
      requiredClaims: ['sub', 'exp'],
      clockTolerance: 5,
    });
    return payload.sub ?? null;
  } catch {
    return null;
  }
}
