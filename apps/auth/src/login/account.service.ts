import type { Actor } from '@darb/service-kit';
import { Problem, unauthenticated } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import { AuditRepository } from '../audit/audit.repository.js';
import { AuthConfig } from '../config.js';
import { OrganizationsService } from '../organizations/organizations.service.js';
import { PasswordHasher } from '../passwords/password.hasher.js';
import { SessionsRepository } from '../sessions/sessions.repository.js';
import { toUser } from '../users/to-user.js';
import type { CreateUserDto } from '../users/user.dto.js';
import { UsersRepository } from '../users/users.repository.js';
import { UsersService } from '../users/users.service.js';
import type { Client } from './credentials.service.js';
import type { MeDto, PasswordDto, TokensDto } from './login.dto.js';
import { LoginService } from './login.service.js';
import { LoginThrottle } from './login-throttle.repository.js';

/** What people do with their own account. */
@Injectable()
export class AccountService {
  constructor(
    private readonly config: AuthConfig,
    private readonly users: UsersRepository,
    private readonly usersService: UsersService,
    private readonly organizations: OrganizationsService,
    private readonly sessions: SessionsRepository,
    private readonly logins: LoginService,
    private readonly audit: AuditRepository,
    private readonly hasher: PasswordHasher,
    private readonly throttle: LoginThrottle,
  ) {}

  /** The first user becomes the admin; who comes later needs registration to be open. */
  async register(body: CreateUserDto, client: Client): Promise<TokensDto> {
    if (!this.config.registration && (await this.hasUsers())) throw registrationDisabled();
    const passwordHash = await this.hasher.hash(body.password);
    return this.users.transaction(async (manager) => {
      await this.users.lockFirstUser(manager);
      const isFirst = !(await this.users.hasUsers(manager));
      if (!isFirst && !this.config.registration) throw registrationDisabled();
      const user = await this.usersService.insert(
        manager,
        {
          username: body.username,
          email: body.email ?? null,
          passwordHash,
          role: isFirst ? 'admin' : 'user',
        },
        { actor: null, address: client.address },
      );
      return this.logins.open(manager, user, client);
    });
  }

  async me(actor: Actor): Promise<MeDto> {
    const user = await this.users.findById(actor.userId);
    if (!user) throw unauthenticated('session_ended', 'This session is over; sign in again.');
    return { ...toUser(user), organizations: await this.organizations.ofMember(actor.userId) };
  }

  /** A wrong current password counts like a wrong sign-in: a stolen token must not be a way to guess it. */
  async changePassword(actor: Actor, body: PasswordDto, address: string): Promise<void> {
    const user = await this.users.findById(actor.userId);
    const gate = this.throttle.gate(actor.username, address);
    const isRight = await this.hasher.verify(user?.password_hash ?? null, body.current_password, gate);
    if (!isRight) {
      throw new Problem(422, 'wrong_password', 'The current password is wrong.', {
        errors: [{ field: 'current_password', code: 'wrong_password', message: 'is wrong' }],
      });
    }
    const passwordHash = await this.hasher.hash(body.new_password);
    await this.users.transaction(async (manager) => {
      await this.users.update(manager, actor.userId, { password_hash: passwordHash });
      await this.sessions.revokeAll(manager, actor.userId, actor.sessionId);
      await this.audit.record(manager, {
        actorId: actor.userId,
        action: 'user.change_password',
        resourceType: 'user',
        resourceId: actor.userId,
        address,
      });
    });
  }

  private hasUsers(): Promise<boolean> {
    return this.users.transaction((manager) => this.users.hasUsers(manager));
  }
}

function registrationDisabled(): Problem {
  return new Problem(403, 'registration_disabled', 'Registration is closed; ask an admin for an account.');
}
