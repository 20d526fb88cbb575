import { hkdfSync } from 'node:crypto';
import { SignJWT } from 'jose';

const LIFETIME_SECONDS = 60;

/** Token for the internal routes of other services: `Authorization: Bearer`, one per call. */
export function signServiceToken(secret: string): Promise<string> {
  const key = new Uint8Array(hkdfSync('sha256', secret, '', 'darb:service', 32));
  return new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer('darb')
    .setAudience('darb-internal')
    .setSubject('dashboard')
    .setIssuedAt()
    .setExpirationTime(`${LIFETIME_SECONDS}s`)
    .sign(key);
}
