import { jwtVerify } from 'jose';
import { hkdfSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signServiceToken } from './service-token';

const SECRET = 's'.repeat(40);
const keyOf = (secret: string) => new Uint8Array(hkdfSync('sha256', secret, '', 'darb:service', 32));
const claims = { issuer: 'darb', audience: 'darb-internal', subject: 'dashboard', algorithms: ['HS256'] };

describe('signServiceToken', () => {
  it('signs what the internal routes of other services accept', async () => {
    const { payload } = await jwtVerify(await signServiceToken(SECRET), keyOf(SECRET), claims);
    expect(payload.exp! - payload.iat!).toBe(60);
  });

  it('is worth nothing under another secret', async () => {
    await expect(jwtVerify(await signServiceToken(SECRET), keyOf('other'), claims)).rejects.toThrow();
  });
});
