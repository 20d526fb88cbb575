import type { User } from '@darb/models/entities';
import { unauthenticated } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuditRepository } from '../audit/audit.repository.js';
import { PasswordHasher } from '../passwords/password.hasher.js';
import { SessionsRepository } from '../sessions/sessions.repository.js';
import { UsersRepository } from '../users/users.repository.js';
import { LoginThrottle } from './login-throttle.repository.js';

/** Where a sign-in comes from. */
export interface Client {
  address: string | null;
  userAgent: string | null;
}

/** Checks a name and a password, the same way for the API and for the browser, and opens the session. */
@Injectable()
export class CredentialsService {
  constructor(
    private readonly users: UsersRepository,
    private readonly sessions: SessionsRepository,
    private readonly audit: AuditRepository,
    private readonly hasher: PasswordHasher,
    private readonly throttle: LoginThrottle,
  ) {}

  /** 401 `invalid_credentials` alike for an unknown name, a wrong password and a disabled user. */
  async check(name: string, password: string, client: Client): Promise<User> {
    const username = name.toLowerCase();
    await this.throttle.assertAllowed(username, client.address);
    const user = await this.users.findByUsername(username);
    // A disabled user is verified against nothing: the answer must not tell whether the password was right.
    const passwordHash = user && !user.disabled ? user.password_hash : null;
    const gate = this.throttle.gate(username, client.address);
    const isRight = await this.hasher.verify(passwordHash, password, gate);
    if (user && isRight) {
      await this.throttle.recordSuccess(username);
      return user;
    }
    if (user) await this.recordRefusal(user, client);
    throw unauthenticated('invalid_credentials', 'The username or the password is wrong.');
  }

  async openSession(
    manager: EntityManager,
    user: User,
    kind: 'browser' | 'api',
    client: Client,
    secretHash: Buffer | null = null,
  ): Promise<{ id: string; expiresAt: Date }> {
    const session = await this.sessions.insert(manager, { userId: user.id, kind, secretHash, ...client });
    await this.audit.record(manager, {
      actorId: user.id,
      action: 'session.create',
      resourceType: 'user',
      resourceId: user.id,
      address: client.address,
      after: { session_id: session.id, kind },
    });
    return session;
  }

  private recordRefusal(user: User, client: Client): Promise<void> {
    return this.users.transaction((manager) =>
      this.audit.record(manager, {
        actorId: null,
        action: 'session.create',
        resourceType: 'user',
        resourceId: user.id,
        outcome: 'refused',
        address: client.address,
      }),
    );
  }
}
