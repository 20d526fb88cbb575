import { AccessTokenKeys } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import type { JWTVerifyGetKey } from 'jose';
import { errors } from 'jose';
import { SigningKeys } from './signing-keys.service.js';

/** This service verifies with its own key; asking itself over HTTP would make its start depend on itself. */
@Injectable()
export class LocalAccessTokenKeys extends AccessTokenKeys {
  constructor(private readonly keys: SigningKeys) {
    super();
  }

  readonly getKey: JWTVerifyGetKey = async (header) => {
    const key = await this.keys.current();
    if (header.kid !== key.id) throw new errors.JWKSNoMatchingKey();
    return key.publicKey;
  };
}
