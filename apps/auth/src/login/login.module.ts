import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { OrganizationsModule } from '../organizations/organizations.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { SessionsStoreModule } from '../sessions/sessions-store.module.js';
import { UsersModule } from '../users/users.module.js';
import { AccountService } from './account.service.js';
import { CredentialsService } from './credentials.service.js';
import { LoginController } from './login.controller.js';
import { LoginService } from './login.service.js';
import { LoginThrottle } from './login-throttle.repository.js';
import { RefreshTokensRepository } from './refresh-tokens.repository.js';
import { RefreshTokens } from './refresh-tokens.service.js';

@Module({
  imports: [AuditModule, KeysModule, OrganizationsModule, PasswordsModule, SessionsStoreModule, UsersModule],
  controllers: [LoginController],
  providers: [
    AccountService,
    CredentialsService,
    LoginService,
    LoginThrottle,
    RefreshTokens,
    RefreshTokensRepository,
  ],
  exports: [CredentialsService],
})
export class LoginModule {}
