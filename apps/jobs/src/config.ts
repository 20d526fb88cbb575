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
  TreeRetentionConfig,
  WaitingLimitsConfig,
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
  TreeRetentionConfig,
  WaitingLimitsConfig,
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
    name: 'DARB_JOB_IDLE_TIMEOUT_SECONDS',
    description: 'Longest time that a tool may write nothing and use no processor before its job is stopped.',
    default: 900,
  })
  @IsInt()
  @Min(10)
  @Max(7 * DAY_SECONDS)
  jobIdleTimeoutSeconds: number;

  @ConfigVariable({
    name: 'DARB_JOB_WAIT_SECONDS',
    description: 'Longest time that a job may wait for a worker before it fails.',
    default: DAY_SECONDS,
  })
  @IsInt()
  @Min(10)
  @Max(365 * DAY_SECONDS)
  jobWaitSeconds: number;

  @ConfigVariable({
    name: 'DARB_LIMIT_RUNNING_JOBS_PER_ORGANIZATION',
    description: 'Most jobs of one organization that run at a time; 0: as many as there are slots.',
    default: 0,
  })
  @IsInt()
  @Min(0)
  @Max(100_000)
  limitRunningPerOrganization: number;

  @ConfigVariable({
    name: 'DARB_LIMIT_RUNNING_JOBS_PER_USER',
    description: 'Most jobs of one user that run at a time; 0: as many as there are slots.',
    default: 0,
  })
  @IsInt()
  @Min(0)
  @Max(100_000)
  limitRunningPerUser: number;

  @ConfigVariable({
    name: 'DARB_STORE_COLLECT_SECONDS',
    description: 'From one collection of unused trees of a store to the next.',
    default: 6 * 3_600,
  })
  @IsInt()
  @Min(10)
  @Max(365 * DAY_SECONDS)
  storeCollectSeconds: number;

  @ConfigVariable({
    name: 'DARB_STORE_VERIFY_SECONDS',
    description: 'From one look at all trees and links of a store to the next.',
    default: 3_600,
  })
  @IsInt()
  @Min(10)
  @Max(365 * DAY_SECONDS)
  storeVerifySeconds: number;

  @ConfigVariable({
    name: 'DARB_STORE_REPAIR_SECONDS',
    description: 'From one try to build damaged trees of a store again to the next.',
    default: 600,
  })
  @IsInt()
  @Min(10)
  @Max(365 * DAY_SECONDS)
  storeRepairSeconds: number;

  @ConfigVariable({
    name: 'DARB_RETENTION_CLAIM_SECONDS',
    description: 'How long the attempts of a finished job are kept after their log is gone.',
    default: 90 * DAY_SECONDS,
  })
  @IsInt()
  @Min(3_600)
  @Max(3_650 * DAY_SECONDS)
  claimRetentionSeconds: number;

  @ConfigVariable({
    name: 'DARB_RETENTION_WORKER_SECONDS',
    description: 'How long workers that are gone are kept in the records.',
    default: 30 * DAY_SECONDS,
  })
  @IsInt()
  @Min(3_600)
  @Max(3_650 * DAY_SECONDS)
  workerRetentionSeconds: number;

  @ConfigVariable({
    name: 'DARB_RETENTION_DOCUMENT_SECONDS',
    description: 'How long a manifest or lockfile that no revision holds is kept, for a retry of its job.',
    default: 90 * DAY_SECONDS,
  })
  @IsInt()
  @Min(3_600)
  @Max(3_650 * DAY_SECONDS)
  documentRetentionSeconds: number;

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
