import {
  AuthUrlConfig,
  ConfigDefault,
  configGroups,
  ConfigVariable,
  DatabaseConfig,
  JoinTokenConfig,
  RetentionConfig,
  SecretConfig,
  ServerConfig,
  ValkeyConfig,
} from '@darb/service-kit';
import { IsInt, Max, Min } from 'class-validator';

const DAY_SECONDS = 86_400;

/** Everything that the jobs service reads from its environment. */
@ConfigDefault('port', 8083)
export class JobsConfig extends configGroups(
  ServerConfig,
  DatabaseConfig,
  ValkeyConfig,
  SecretConfig,
  AuthUrlConfig,
  JoinTokenConfig,
  RetentionConfig,
) {
  @ConfigVariable({
    name: 'DARB_JOB_TIMEOUT_SECONDS',
    description: 'Longest time that one attempt of a job may take.',
    default: 3_600,
  })
  @IsInt()
  @Min(10)
  @Max(7 * DAY_SECONDS)
  jobTimeoutSeconds: number;

  @ConfigVariable({
    name: 'DARB_JOB_LOG_LIMIT_BYTES',
    description: "Most bytes of one attempt's log that are kept; beyond it head and tail stay.",
    default: 50 * 1024 * 1024,
  })
  @IsInt()
  @Min(64 * 1024)
  @Max(1024 * 1024 * 1024)
  jobLogLimitBytes: number;

  @ConfigVariable({
    name: 'DARB_LOG_RETENTION_SECONDS',
    description: 'How long the log of a finished job is kept; its result and error stay.',
    default: 90 * DAY_SECONDS,
  })
  @IsInt()
  @Min(DAY_SECONDS)
  @Max(3_650 * DAY_SECONDS)
  logRetentionSeconds: number;

  @ConfigVariable({
    name: 'DARB_EVENTS_RETENTION_SECONDS',
    description: 'How long live events are kept for readers that come back.',
    default: DAY_SECONDS,
  })
  @IsInt()
  @Min(600)
  @Max(30 * DAY_SECONDS)
  eventsRetentionSeconds: number;
}
