import { Global, Module } from '@nestjs/common';
import { Valkey } from './valkey.js';

/** Global, because the queue module needs the connection before the application's own providers exist. */
@Global()
@Module({ providers: [Valkey], exports: [Valkey] })
export class ValkeyModule {}
