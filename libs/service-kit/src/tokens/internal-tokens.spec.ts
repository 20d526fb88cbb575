import { hkdfSync } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { deriveKey } from './derive-key.js';
import {
  equalSecrets,
  signServiceToken,
  signWorkerToken,
  verifyServiceToken,
  verifyWorkerToken,
} from './internal-tokens.js';

const SECRET = 'k3J9x0PqLm27vWz8RtYb41NcHd65SgFa';

describe('deriveKey', () => {
  it('is HKDF-SHA256 with the purpose as info, so that others can derive it with standard tools', () => {
    expect(deriveKey(SECRET, 'service')).toEqual(
      new Uint8Array(hkdfSync('sha256', SECRET, '', 'darb:service', 32)),
    );
    expect(deriveKey(SECRET, 'worker')).not.toEqual(deriveKey(SECRET, 'service'));
  });
});

describe('service tokens', () => {
  it('carry the calling service and what the dashboard has to reproduce', async () => {
    const token = await signServiceToken(SECRET, 'dashboard');
    const { payload, protectedHeader } = await jwtVerify(token, deriveKey(SECRET, 'service'));
    expect(protectedHeader.alg).toBe('HS256');
    expect(payload).toMatchObject({ iss: 'darb', aud: 'darb-internal', sub: 'dashboard' });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60);
    expect(await verifyServiceToken(SECRET, token)).toBe('dashboard');
  });

  it('are refused with another secret, expired, or for another purpose', async () => {
    const token = await signServiceToken(SECRET, 'dashboard');
    expect(await verifyServiceToken(`${SECRET}x`, token)).toBeNull();
    expect(await verifyWorkerToken(SECRET, token)).toBeNull();
    expect(await verifyServiceToken(SECRET, await signWorkerToken(SECRET, 'worker'))).toBeNull();
    expect(await verifyServiceToken(SECRET, 'junk')).toBeNull();
    const old = await new SignJWT({})
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('darb')
      .setAudience('darb-internal')
      .setSubject('dashboard')
      .setExpirationTime('-1 minute')
      .sign(deriveKey(SECRET, 'service'));
    expect(await verifyServiceToken(SECRET, old)).toBeNull();
  });
});

describe('worker tokens', () => {
  it('are bound to one worker', async () => {
    expect(await verifyWorkerToken(SECRET, await signWorkerToken(SECRET, 'w-1'))).toBe('w-1');
  });
});

describe('equalSecrets', () => {
  it('compares secrets of any length', () => {
    expect(equalSecrets('a', 'a')).toBe(true);
    expect(equalSecrets('a', 'ab')).toBe(false);
  });
});
