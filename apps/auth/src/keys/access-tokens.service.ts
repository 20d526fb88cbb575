import { API_AUDIENCE, ISSUER } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import { SignJWT } from 'jose';
import { SigningKeys } from './signing-keys.service.js';

export const ACCESS_TOKEN_SECONDS = 600;

@Injectable()
export class AccessTokens {
  constructor(private readonly keys: SigningKeys) {}

  async sign(userId: string, sessionId: string): Promise<{ token: string; expires_in: number }> {
    const key = await this.keys.current();
    const token = await new SignJWT({ sid: sessionId })
      .setProtectedHeader({ alg: 'EdDSA', kid: key.id })
      .setIssuer(ISSUER)
      .setAudience(API_AUDIENCE)
      .setSubject(userId)
      .setIssuedAt()
      .setExpirationTime(`${ACCESS_TOKEN_SECONDS}s`)
      .sign(key.privateKey);
    return { token, expires_in: ACCESS_TOKEN_SECONDS };
  }
}
