import type { User } from '@darb/models/entities';
import type { Actor } from '@darb/service-kit';
import { ActorReader, unauthenticated } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuditRepository } from '../audit/audit.repository.js';
import { AccessTokens } from '../keys/access-tokens.service.js';
import { SessionsRepository } from '../sessions/sessions.repository.js';
import { toUser } from '../users/to-user.js';
import { UsersRepository } from '../users/users.repository.js';
import type { Client } from './credentials.service.js';
import { CredentialsService } from './credentials.service.js';
import type { LoginDto, TokensDto } from './login.dto.js';
import { RefreshTokens } from './refresh-tokens.service.js';
import type { Rotation } from './refresh-tokens.service.js';

/** Sessions of API clients: a short access token and a rotating refresh token. */
@Injectable()
export class LoginService {
  constructor(
    private readonly credentials: CredentialsService,
    private readonly sessions: SessionsRepository,
    private readonly users: UsersRepository,
    private readonly refreshTokens: RefreshTokens,
    private readonly tokens: AccessTokens,
    private readonly audit: AuditRepository,
    private readonly actors: ActorReader,
  ) {}

  async login(body: LoginDto, client: Client): Promise<TokensDto> {
    const user = await this.credentials.check(body.username, body.password, client);
    return this.sessions.transaction((manager) => this.open(manager, user, client));
  }

  /** Opens a session for somebody who has just proved (or made) their account. */
  async open(manager: EntityManager, user: User, client: Client): Promise<TokensDto> {
    const session = await this.credentials.openSession(manager, user, 'api', client);
    const refresh_token = await this.refreshTokens.issue(manager, session.id);
    return this.answer(user, session.id, refresh_token);
  }

  async refresh(refreshToken: string, address: string): Promise<TokensDto> {
    // A reuse has to be committed before it is refused: what ends the session must not be rolled back.
    const rotation = await this.sessions.transaction((manager) =>
      this.rotate(manager, refreshToken, address),
    );
    if (rotation.outcome !== 'rotated') throw refused(rotation.outcome);
    await this.sessions.touch(rotation.sessionId);
    const user = await this.users.findById(rotation.userId);
    if (!user || user.disabled) throw refused('ended');
    return this.answer(user, rotation.sessionId, rotation.token);
  }

  async logout(actor: Actor, address: string): Promise<void> {
    await this.sessions.transaction(async (manager) => {
      await this.sessions.revoke(manager, actor.sessionId);
      await this.recordEnd(manager, actor.userId, 'session.end', address);
    });
    this.actors.forget(actor.sessionId);
  }

  private async rotate(manager: EntityManager, refreshToken: string, address: string): Promise<Rotation> {
    const rotation = await this.refreshTokens.rotate(manager, refreshToken);
    if (rotation.outcome === 'reused') {
      await this.sessions.revoke(manager, rotation.sessionId);
      await this.recordEnd(manager, rotation.userId, 'session.reuse_detected', address);
      this.actors.forget(rotation.sessionId);
    }
    return rotation;
  }

  private recordEnd(manager: EntityManager, userId: string, action: string, address: string): Promise<void> {
    return this.audit.record(manager, {
      actorId: userId,
      action,
      resourceType: 'user',
      resourceId: userId,
      address,
    });
  }

  private async answer(user: User, sessionId: string, refresh_token: string): Promise<TokensDto> {
    const { token, expires_in } = await this.tokens.sign(user.id, sessionId);
    return { token, refresh_token, expires_in, user: toUser(user) };
  }
}

function refused(outcome: 'unknown' | 'ended' | 'reused'): Error {
  switch (outcome) {
    case 'unknown':
      return unauthenticated(
        'refresh_token_invalid',
        'This is no refresh token of this Darb; sign in again.',
      );
    case 'reused':
      return unauthenticated(
        'refresh_token_reused',
        'This refresh token was used before, so the session was ended; sign in again.',
      );
    case 'ended':
      return unauthenticated('session_ended', 'This session is over; sign in again.');
  }
}
