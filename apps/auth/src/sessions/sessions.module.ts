import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { LoginModule } from '../login/login.module.js';
import { SessionsStoreModule } from './sessions-store.module.js';
import { BrowserSessionsService } from './browser-sessions.service.js';
import { SessionsController } from './sessions.controller.js';

@Module({
  imports: [AuditModule, KeysModule, LoginModule, SessionsStoreModule],
  controllers: [SessionsController],
  providers: [BrowserSessionsService],
})
export class SessionsModule {}
