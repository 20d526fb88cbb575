import { Module } from '@nestjs/common';
import { SessionsRepository } from './sessions.repository.js';

/** The table of sessions: both ways of signing in and the end of a user's sessions write it. */
@Module({ providers: [SessionsRepository], exports: [SessionsRepository] })
export class SessionsStoreModule {}
