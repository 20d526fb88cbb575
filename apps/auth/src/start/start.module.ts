import { Module } from '@nestjs/common';
import { KeysModule } from '../keys/keys.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { UsersModule } from '../users/users.module.js';
import { StartService } from './start.service.js';

@Module({
  imports: [KeysModule, PasswordsModule, UsersModule],
  providers: [StartService],
  exports: [StartService, UsersModule],
})
export class StartModule {}
