import {
  ConfigDefault,
  configGroups,
  ConfigVariable,
  DatabaseConfig,
  RetentionConfig,
  SecretConfig,
  ServerConfig,
} from '@darb/service-kit';
import { IsBoolean, IsInt, Matches, Max, MaxLength, Min, MinLength } from 'class-validator';
import {
  PASSWORD_MAX_LENGTH,
  PASSWORD_MIN_LENGTH,
  USERNAME_MESSAGE,
  USERNAME_PATTERN,
} from './users/user-rules.js';

@ConfigDefault('port', 8081)
export class AuthConfig extends configGroups(ServerConfig, DatabaseConfig, SecretConfig, RetentionConfig) {
  @ConfigVariable({
    name: 'DARB_AUTH_REGISTRATION',
    description: 'Whether anyone may make an account for themselves.',
    default: false,
  })
  @IsBoolean()
  registration: boolean;

  @ConfigVariable({
    name: 'DARB_ADMIN_USERNAME',
    description: 'Name of the first admin, made at the first start.',
    default: 'admin',
  })
  @Matches(USERNAME_PATTERN, { message: USERNAME_MESSAGE })
  adminUsername: string;

  @ConfigVariable({
    name: 'DARB_ADMIN_PASSWORD',
    description:
      'Password of the first admin; without one nobody is made and the first to register is the admin.',
    optional: true,
    secret: true,
  })
  @MinLength(PASSWORD_MIN_LENGTH, { message: `must have at least ${PASSWORD_MIN_LENGTH} characters` })
  @MaxLength(PASSWORD_MAX_LENGTH)
  adminPassword?: string;

  @ConfigVariable({
    name: 'DARB_RETENTION_SESSIONS_DAYS',
    description:
      'How long a session is kept after its end, for who wants to know when somebody was signed in.',
    default: 30,
  })
  @IsInt()
  @Min(1)
  @Max(3_650)
  retainedSessionsDays: number;

  @ConfigVariable({
    name: 'DARB_RETENTION_LOGIN_ATTEMPTS_HOURS',
    description: 'How long wrong passwords of an account or an address are remembered after the last window.',
    default: 24,
  })
  @IsInt()
  @Min(1)
  @Max(8_760)
  retainedLoginAttemptsHours: number;
}
