import { PACKAGE_MANAGERS } from '@darb/models';
import type { PackageManagerType } from '@darb/models';
import {
  AuthUrlConfig,
  ConfigDefault,
  ConfigVariable,
  DatabaseConfig,
  RetentionConfig,
  SecretConfig,
  ServerConfig,
  TreeRetentionConfig,
  WaitingLimitsConfig,
  configGroups,
} from '@darb/service-kit';
import { IsIn } from 'class-validator';

@ConfigDefault('port', 8082)
export class EnvironmentsConfig extends configGroups(
  ServerConfig,
  DatabaseConfig,
  SecretConfig,
  AuthUrlConfig,
  TreeRetentionConfig,
  WaitingLimitsConfig,
  RetentionConfig,
) {
  @ConfigVariable({
    name: 'DARB_PACKAGE_MANAGER_DEFAULT_TYPE',
    description:
      'Package manager of an environment that names none; unset: pixi where a worker has it, else uv.',
    optional: true,
  })
  @IsIn(PACKAGE_MANAGERS)
  defaultPackageManager?: PackageManagerType;
}
