import type { DynamicModule, ModuleMetadata, Type } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AccessTokenKeys, RemoteAccessTokenKeys } from './access-token-keys.js';
import { AccessGuard } from './access.guard.js';
import { ActorReader } from './actor.reader.js';

export interface AccessOptions {
  imports?: ModuleMetadata['imports'];
  /** Another source of public keys than the auth service's JWKS; a provider of `imports`. */
  keys?: Type<AccessTokenKeys>;
}

/** Puts the guard before every route. Needs DatabaseModule, SecretConfig and (without `keys`) AuthUrlConfig. */
@Module({})
export class AccessModule {
  static forRoot(options: AccessOptions = {}): DynamicModule {
    const keys = options.keys
      ? { provide: AccessTokenKeys, useExisting: options.keys }
      : { provide: AccessTokenKeys, useClass: RemoteAccessTokenKeys };
    return {
      module: AccessModule,
      global: true,
      imports: options.imports ?? [],
      providers: [keys, ActorReader, { provide: APP_GUARD, useClass: AccessGuard }],
      exports: [ActorReader, AccessTokenKeys],
    };
  }
}
