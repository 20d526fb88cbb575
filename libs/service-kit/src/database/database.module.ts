import { ALL_ENTITIES } from '@darb/models/entities';
import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { DataSourceOptions } from 'typeorm';
import { DatabaseConfig } from '../config/groups.js';
import { ServiceInfo } from '../boot/service-info.js';
import { darbClient } from './darb-client.js';

/** Postgres may start after the service: it is tried for about two minutes before the process gives up. */
const CONNECT_ATTEMPTS = 60;
const CONNECT_DELAY_MS = 2_000;
/** Together with the time limit of a statement, the longest that a request waits for a database that is frozen. */
const CONNECT_TIMEOUT_MS = 3_000;
const RESPONSE_GRACE_MS = 500;

/** One DataSource with every entity; `DataSource` is injectable. Migrations are never run from here. */
@Module({})
export class DatabaseModule {
  static forRoot(): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        TypeOrmModule.forRootAsync({
          inject: [DatabaseConfig, ServiceInfo],
          useFactory: (config: DatabaseConfig, service: ServiceInfo) => ({
            ...dataSourceOptions(config, service.name),
            retryAttempts: CONNECT_ATTEMPTS,
            retryDelay: CONNECT_DELAY_MS,
            // Time does not make a wrong password right.
            toRetry: (error: { code?: string }) => !(error.code ?? '').startsWith('28'),
          }),
        }),
      ],
    };
  }
}

export function dataSourceOptions(
  config: Pick<
    DatabaseConfig,
    'databaseDsn' | 'databasePoolSize' | 'databasePreparedStatements' | 'databaseTimeoutSeconds'
  >,
  applicationName: string,
): DataSourceOptions {
  return {
    type: 'postgres',
    url: config.databaseDsn,
    entities: ALL_ENTITIES,
    poolSize: config.databasePoolSize,
    applicationName: `darb-${applicationName}`,
    // A pool that can't give a connection within this time returns 503 instead of holding the request.
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    // The pool reports the loss of an idle connection here; the next query finds out by itself.
    poolErrorHandler: () => undefined,
    extra: {
      keepAlive: true,
      idle_in_transaction_session_timeout: 30_000,
      // The server ends a slow statement itself; only one that does not even do that costs the connection.
      statement_timeout: config.databaseTimeoutSeconds * 1_000,
      Client: darbClient({
        preparedStatements: config.databasePreparedStatements,
        responseTimeoutMs: config.databaseTimeoutSeconds * 1_000 + RESPONSE_GRACE_MS,
      }),
    },
  };
}
