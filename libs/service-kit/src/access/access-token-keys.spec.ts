import { decodeProtectedHeader } from 'jose';
import type { CompactJWSHeaderParameters } from 'jose';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { TestIdentity } from '../testing/test-identity.js';
import { RemoteAccessTokenKeys } from './access-token-keys.js';

const ELEVEN_MINUTES_MS = 660_000;

describe('the public keys of the auth service', () => {
  afterEach(() => vi.useRealTimers());

  const keyOf = (keys: RemoteAccessTokenKeys, token: string) => {
    const [header, payload, signature] = token.split('.') as [string, string, string];
    const decoded = decodeProtectedHeader(token) as CompactJWSHeaderParameters;
    return keys.getKey(decoded, { protected: header, payload, signature });
  };

  it('are a dependency that may be away, which says nothing about the token', async () => {
    const identity = await TestIdentity.start();
    const token = await identity.sign('user', 'session');
    await identity.stop();
    const keys = new RemoteAccessTokenKeys({ authUrl: identity.url });
    await expect(keyOf(keys, token)).rejects.toMatchObject({ status: 503, code: 'dependency_unavailable' });
  });

  it('stay known when they should be fetched once more and the auth service is away', async () => {
    const identity = await TestIdentity.start();
    const token = await identity.sign('user', 'session');
    const keys = new RemoteAccessTokenKeys({ authUrl: identity.url });
    const key = await keyOf(keys, token);
    await identity.stop();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ELEVEN_MINUTES_MS });
    expect(await keyOf(keys, token)).toEqual(key);
  });
});
