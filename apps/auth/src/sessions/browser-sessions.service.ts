import { createHash, randomBytes } from 'node:crypto';
import { unauthenticated } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import { AuditRepository } from '../audit/audit.repository.js';
import { AccessTokens } from '../keys/access-tokens.service.js';
import { CredentialsService } from '../login/credentials.service.js';
import type { Client } from '../login/credentials.service.js';
import { toUser } from '../users/to-user.js';
import type { BrowserSession, CreateSessionDto, SessionToken } from './session.dto.js';
import { SessionsRepository } from './sessions.repository.js';

const SECRET_BYTES = 32;

/** Sessions that a browser holds as an opaque secret in its cookie. */
@Injectable()
export class BrowserSessionsService {
  constructor(
    private readonly credentials: CredentialsService,
    private readonly sessions: SessionsRepository,
    private readonly tokens: AccessTokens,
    private readonly audit: AuditRepository,
  ) {}

  async create(body: CreateSessionDto, client: Client): Promise<BrowserSession> {
    const user = await this.credentials.check(body.username, body.password, client);
    const secret = randomBytes(SECRET_BYTES).toString('base64url');
    const session = await this.sessions.transaction((manager) =>
      this.credentials.openSession(manager, user, 'browser', client, hashOf(secret)),
    );
    return { session_id: secret, user: toUser(user), expires_at: session.expiresAt.toISOString() };
  }

  async token(secret: string): Promise<SessionToken> {
    const live = await this.sessions.findLive(hashOf(secret));
    if (!live) throw unauthenticated('session_ended', 'This session is over; sign in again.');
    await this.sessions.touch(live.sessionId);
    return { ...(await this.tokens.sign(live.user.id, live.sessionId)), user: toUser(live.user) };
  }

  /** Ending a session that is over already is no error: the cookie has to go in any case. */
  async end(secret: string): Promise<void> {
    await this.sessions.transaction(async (manager) => {
      const userId = await this.sessions.revokeBySecret(manager, hashOf(secret));
      if (!userId) return;
      await this.audit.record(manager, {
        actorId: userId,
        action: 'session.end',
        resourceType: 'user',
        resourceId: userId,
        address: null,
      });
    });
  }
}

/** The secret has 256 random bits, so a fast hash is enough. */
function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
