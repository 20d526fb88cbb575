import { Inject, Injectable } from '@nestjs/common';
import type { JWTVerifyGetKey } from 'jose';
import { createLocalJWKSet, createRemoteJWKSet, errors } from 'jose';
import { AuthUrlConfig } from '../config/groups.js';
import { dependencyUnavailable } from '../http/problem.js';

/** Finds the public key for an access token's header. The auth service brings its own, the others ask it. */
export abstract class AccessTokenKeys {
  abstract readonly getKey: JWTVerifyGetKey;
}

@Injectable()
export class RemoteAccessTokenKeys extends AccessTokenKeys {
  readonly getKey: JWTVerifyGetKey;

  constructor(@Inject(AuthUrlConfig) config: AuthUrlConfig) {
    super();
    const url = new URL('/api/v1/auth/jwks', config.authUrl);
    // An unknown key id asks again at most every 2 s, so that a new key is known soon and junk tokens cost nothing.
    const remote = createRemoteJWKSet(url, {
      cooldownDuration: 2_000,
      cacheMaxAge: 600_000,
      timeoutDuration: 3_000,
    });
    this.getKey = async (header, token) => {
      try {
        return await remote(header, token);
      } catch (error) {
        if (isAboutToken(error)) throw error;
        // The keys of ten minutes ago are still the keys; only one that is not among them needs the auth service.
        const known = remote.jwks();
        const key = known && (await createLocalJWKSet(known)(header, token).catch(() => undefined));
        if (key) return key;
        throw dependencyUnavailable('auth service', error);
      }
    };
  }
}

/** Whether this says something of the token, and not of the way to the keys. */
function isAboutToken(error: unknown): boolean {
  return [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported].some(
    (kind) => error instanceof kind,
  );
}
