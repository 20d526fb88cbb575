import { deriveKey, SecretConfig } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import type { CryptoKey, JWK } from 'jose';
import { exportJWK, generateKeyPair, importJWK } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import type { JwksDto, JwkDto } from './jwks.dto.js';
import { open, seal } from './key-box.js';
import type { SigningKeyRow } from './signing-keys.repository.js';
import { SigningKeysRepository } from './signing-keys.repository.js';

const ALGORITHM = 'EdDSA';

interface LoadedKey {
  id: string;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
  jwk: JwkDto;
}

/** The one key pair that access tokens are signed with. Made at the first start, kept encrypted. */
@Injectable()
export class SigningKeys {
  private readonly encryptionKey: Uint8Array;
  private loaded: Promise<LoadedKey> | undefined;

  constructor(
    private readonly repository: SigningKeysRepository,
    config: SecretConfig,
  ) {
    this.encryptionKey = deriveKey(config.authJwtSecret, 'signing-key');
  }

  current(): Promise<LoadedKey> {
    if (!this.loaded) {
      this.loaded = this.load();
      // A database that is away must not be remembered as "there is no key".
      this.loaded.catch(() => (this.loaded = undefined));
    }
    return this.loaded;
  }

  async jwks(): Promise<JwksDto> {
    return { keys: [(await this.current()).jwk] };
  }

  private async load(): Promise<LoadedKey> {
    const row = await this.repository.findOrCreate(() => this.make());
    const privateJwk = this.decrypt(row);
    const publicJwk = row.public_jwk as JWK;
    return {
      id: row.id,
      privateKey: (await importJWK(privateJwk, ALGORITHM)) as CryptoKey,
      publicKey: (await importJWK(publicJwk, ALGORITHM)) as CryptoKey,
      jwk: { kty: 'OKP', crv: 'Ed25519', x: publicJwk.x ?? '', kid: row.id, alg: ALGORITHM, use: 'sig' },
    };
  }

  private decrypt(row: SigningKeyRow): JWK {
    try {
      return JSON.parse(open(this.encryptionKey, row.private_key_encrypted, row.id)) as JWK;
    } catch (cause) {
      throw new UnreadableKeyError(
        'DARB_AUTH_JWT_SECRET is not the secret that this database was set up with: the signing key can not be ' +
          'read. Start with the old secret again.',
        { cause },
      );
    }
  }

  private async make(): Promise<SigningKeyRow> {
    const pair = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true });
    const id = uuidv7();
    return {
      id,
      public_jwk: { ...(await exportJWK(pair.publicKey)) },
      private_key_encrypted: seal(this.encryptionKey, JSON.stringify(await exportJWK(pair.privateKey)), id),
    };
  }
}

/** Trying again can't help: the start has to stop. */
export class UnreadableKeyError extends Error {
  override name = 'UnreadableKeyError';
}
