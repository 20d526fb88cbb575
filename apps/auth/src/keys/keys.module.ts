import { Module } from '@nestjs/common';
import { AccessTokens } from './access-tokens.service.js';
import { JwksController } from './jwks.controller.js';
import { LocalAccessTokenKeys } from './local-access-token-keys.js';
import { SigningKeysRepository } from './signing-keys.repository.js';
import { SigningKeys } from './signing-keys.service.js';

@Module({
  controllers: [JwksController],
  providers: [SigningKeysRepository, SigningKeys, AccessTokens, LocalAccessTokenKeys],
  exports: [SigningKeys, AccessTokens, LocalAccessTokenKeys],
})
export class KeysModule {}
