/** Settings that several services share. Each class is also the injection token of the parsed settings. */
import { IsBoolean, IsIn, IsInt, IsString, IsUrl, Matches, Max, Min } from 'class-validator';
import { ConfigVariable } from './config-variable.js';
import { IsStrongSecret } from './strong-secret.js';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
const HTTP_URL = { protocols: ['http', 'https'], require_protocol: true, require_tld: false };

export class ServerConfig {
  @ConfigVariable({ name: 'DARB_SERVER_HOST', description: 'Address to listen on.', default: '0.0.0.0' })
  @IsString()
  host: string;

  @ConfigVariable({ name: 'DARB_SERVER_PORT', description: 'Port to listen on.', default: 8080 })
  @IsInt()
  @Min(0)
  @Max(65535)
  port: number;

  @ConfigVariable({
    name: 'DARB_LOG_LEVEL',
    description: 'Least severe level that is logged.',
    default: 'info',
  })
  @IsIn(LOG_LEVELS)
  logLevel: string;

  @ConfigVariable({
    name: 'DARB_LOG_FORMAT',
    description: 'json for machines, pretty for people.',
    default: 'json',
  })
  @IsIn(['json', 'pretty'])
  logFormat: string;
}

/** How much may wait; the services that take requests for jobs share it. */
export class WaitingLimitsConfig {
  @ConfigVariable({
    name: 'DARB_LIMIT_WAITING_JOBS_PER_ORGANIZATION',
    description: 'Most jobs of one organization that may wait; more are refused with 429. 0: no limit.',
    default: 20_000,
  })
  @IsInt()
  @Min(0)
  @Max(10_000_000)
  limitWaitingPerOrganization: number;

  @ConfigVariable({
    name: 'DARB_LIMIT_WAITING_JOBS_PER_USER',
    description:
      'Most jobs of one user in one organization that may wait; more are refused with 429. 0: no limit.',
    default: 0,
  })
  @IsInt()
  @Min(0)
  @Max(10_000_000)
  limitWaitingPerUser: number;
}

/** How long is kept what nobody needs; the services that delete it and that show it share it. */
export class TreeRetentionConfig {
  @ConfigVariable({
    name: 'DARB_RETENTION_TREE_SECONDS',
    description: 'How long an installed tree is kept after the last revision that needs it is gone.',
    default: 7 * 86_400,
  })
  @IsInt()
  @Min(0)
  @Max(3_650 * 86_400)
  treeRetentionSeconds: number;
}

export class DatabaseConfig {
  @ConfigVariable({ name: 'DARB_DATABASE_DRIVER', description: 'Kind of database.', default: 'postgres' })
  @IsIn(['postgres'])
  databaseDriver: string;

  @ConfigVariable({
    name: 'DARB_DATABASE_DSN',
    description: 'Where PostgreSQL is: postgres://user:password@host:port/database.',
    secret: true,
  })
  @Matches(/^postgres(ql)?:\/\/[^/]+\/.+/, {
    message: 'must be a postgres://user:password@host:port/database URL',
  })
  databaseDsn: string;

  @ConfigVariable({
    name: 'DARB_DATABASE_POOL_SIZE',
    description: 'Most connections that one process of a service opens.',
    default: 10,
  })
  @IsInt()
  @Min(2)
  @Max(200)
  databasePoolSize: number;

  @ConfigVariable({
    name: 'DARB_DATABASE_TIMEOUT_SECONDS',
    description: 'Longest that one SQL statement may take; the request then gets 503.',
    default: 5,
  })
  @IsInt()
  @Min(1)
  @Max(300)
  databaseTimeoutSeconds: number;

  @ConfigVariable({
    name: 'DARB_DATABASE_PREPARED_STATEMENTS',
    description:
      'Whether statements are prepared; false behind a pooler that gives each transaction another connection.',
    default: true,
  })
  @IsBoolean()
  databasePreparedStatements: boolean;
}

export class ValkeyConfig {
  @ConfigVariable({ name: 'DARB_QUEUE_TYPE', description: 'Kind of queue.', default: 'valkey' })
  @IsIn(['valkey'])
  queueType: string;

  @ConfigVariable({ name: 'DARB_QUEUE_VALKEY_ADDR', description: 'Where Valkey (or Redis) is: host:port.' })
  @Matches(/^(\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}$/, { message: 'must be host:port' })
  queueValkeyAddr: string;

  @ConfigVariable({
    name: 'DARB_QUEUE_VALKEY_PASSWORD',
    description: 'Password of Valkey.',
    optional: true,
    secret: true,
  })
  @IsString()
  queueValkeyPassword?: string;

  @ConfigVariable({
    name: 'DARB_QUEUE_VALKEY_TLS',
    description: 'Whether to speak TLS to Valkey.',
    default: false,
  })
  @IsBoolean()
  queueValkeyTls: boolean;

  @ConfigVariable({
    name: 'DARB_QUEUE_PREFIX',
    description: 'Prefix of every key in Valkey; two Darbs on one Valkey need different ones.',
    default: 'darb',
  })
  @Matches(/^[A-Za-z0-9_.-]{1,64}$/, { message: 'must be letters, digits, dots, dashes or underscores' })
  queuePrefix: string;
}

export class SecretConfig {
  @ConfigVariable({
    name: 'DARB_AUTH_JWT_SECRET',
    description:
      'Master secret (at least 32 random characters): encrypts keys at rest and signs between services.',
    secret: true,
  })
  @IsStrongSecret()
  authJwtSecret: string;
}

export class AuthUrlConfig {
  @ConfigVariable({
    name: 'DARB_AUTH_URL',
    description: 'Where the auth service is, as the other services reach it.',
    default: 'http://127.0.0.1:8081',
  })
  @IsUrl(HTTP_URL, { message: 'must be an http(s) URL' })
  authUrl: string;
}

export class JoinTokenConfig {
  @ConfigVariable({
    name: 'DARB_WORKER_JOIN_TOKEN',
    description: 'What a worker shows to join (at least 16 random characters).',
    secret: true,
  })
  @IsStrongSecret(16)
  workerJoinToken: string;
}

export class RetentionConfig {
  @ConfigVariable({
    name: 'DARB_RETENTION_SWEEP_MINUTES',
    description: 'How often what is older than its retention is removed.',
    default: 60,
  })
  @IsInt()
  @Min(1)
  @Max(10_080)
  sweepMinutes: number;

  @ConfigVariable({
    name: 'DARB_RETENTION_IDEMPOTENCY_HOURS',
    description: 'How long the response to an Idempotency-Key is kept; it is repeated for 24 hours.',
    default: 24,
  })
  @IsInt()
  @Min(24)
  @Max(8_760)
  retainedIdempotencyHours: number;
}
