import {
  AccessModule,
  DatabaseCheck,
  DatabaseModule,
  HealthModule,
  RetentionModule,
} from '@darb/service-kit';
import { Module } from '@nestjs/common';
import { AuthConfig } from './config.js';
import { KeysModule } from './keys/keys.module.js';
import { LocalAccessTokenKeys } from './keys/local-access-token-keys.js';
import { LoginModule } from './login/login.module.js';
import { OrganizationsModule } from './organizations/organizations.module.js';
import { retentionRules } from './retention/retention.rules.js';
import { SessionsModule } from './sessions/sessions.module.js';
import { AdminDetails, StartCheck } from './start/auth.health.js';
import { StartModule } from './start/start.module.js';
import { UsersModule } from './users/users.module.js';

@Module({
  imports: [
    DatabaseModule.forRoot(),
    AccessModule.forRoot({ imports: [KeysModule], keys: LocalAccessTokenKeys }),
    HealthModule.forRoot({
      imports: [StartModule],
      checks: [DatabaseCheck, StartCheck],
      details: [AdminDetails],
    }),
    RetentionModule.forRoot({ inject: [AuthConfig], rules: retentionRules }),
    LoginModule,
    SessionsModule,
    UsersModule,
    OrganizationsModule,
  ],
})
export class AppModule {}
