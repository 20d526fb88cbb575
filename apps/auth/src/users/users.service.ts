import type { User } from '@darb/models/entities';
import type { Actor, Answer, IdempotentRequest } from '@darb/service-kit';
import { decodeCursor, Idempotency, notFound, pageOf, Problem } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { AuditRepository } from '../audit/audit.repository.js';
import { PasswordHasher } from '../passwords/password.hasher.js';
import { SessionsRepository } from '../sessions/sessions.repository.js';
import { toUser } from './to-user.js';
import type { CreateUserDto, UpdateUserDto, UserDto, UserPage, UsersQuery } from './user.dto.js';
import type { NewUser } from './users.repository.js';
import { UsersRepository } from './users.repository.js';

const LIST_SHAPE = 'users by id';
const UNIQUE_VIOLATION = '23505';

/** Who asked for a change, null when Darb itself did. */
export interface Origin {
  actor: Actor | null;
  address: string | null;
}

@Injectable()
export class UsersService {
  constructor(
    private readonly users: UsersRepository,
    private readonly sessions: SessionsRepository,
    private readonly audit: AuditRepository,
    private readonly hasher: PasswordHasher,
    private readonly idempotency: Idempotency,
  ) {}

  async list(query: UsersQuery): Promise<UserPage> {
    const after = decodeCursor(query.cursor, LIST_SHAPE, 1)?.[0];
    const afterId = typeof after === 'string' && isUuid(after) ? after : null;
    const rows = await this.users.list(afterId, query.limit + 1);
    return pageOf(rows, query.limit, toUser, ({ id }) => [id], LIST_SHAPE);
  }

  async get(actor: Actor, id: string): Promise<UserDto> {
    const user = actor.role === 'admin' || actor.userId === id ? await this.users.findById(id) : null;
    if (!user) throw notFound('user');
    return toUser(user);
  }

  async create(
    body: CreateUserDto,
    origin: Origin & { idempotent: IdempotentRequest | null },
  ): Promise<Answer<UserDto>> {
    const passwordHash = await this.hasher.hash(body.password);
    return this.users.transaction((manager) =>
      this.idempotency.run(manager, origin.idempotent, async () => {
        const user = await this.insert(
          manager,
          { username: body.username, email: body.email ?? null, passwordHash, role: 'user' },
          origin,
        );
        return { status: 201, body: toUser(user), headers: { location: `/api/v1/users/${user.id}` } };
      }),
    );
  }

  /** Also for the first admin and for registration; 409 `name_taken` for a name in use. */
  async insert(manager: EntityManager, newUser: NewUser, origin: Origin): Promise<User> {
    try {
      const { user, organizationId } = await this.users.insert(manager, newUser);
      await this.audit.record(manager, {
        // Who makes their own account acts as that account.
        actorId: origin.actor?.userId ?? (origin.address ? user.id : null),
        organizationId,
        action: 'user.create',
        resourceType: 'user',
        resourceId: user.id,
        address: origin.address,
        after: { username: user.username, role: user.role, disabled: user.disabled },
      });
      return user;
    } catch (error) {
      if ((error as { code?: unknown }).code !== UNIQUE_VIOLATION) throw error;
      throw new Problem(409, 'name_taken', `The name "${newUser.username}" is taken; choose another one.`, {
        cause: error,
      });
    }
  }

  async update(id: string, change: UpdateUserDto, origin: Origin): Promise<UserDto> {
    return this.users.transaction(async (manager) => {
      const { user, hasOtherAdmin } = await this.users.lockForUpdate(manager, id);
      if (!user) throw notFound('user');
      const role = change.role ?? user.role;
      const disabled = change.disabled ?? user.disabled;
      const isActiveAdmin = user.role === 'admin' && !user.disabled;
      if (isActiveAdmin && (role !== 'admin' || disabled) && !hasOtherAdmin) {
        throw new Problem(409, 'last_admin', 'This is the last admin; make somebody else an admin first.');
      }
      if (role === user.role && disabled === user.disabled) return toUser(user);
      // Ended for good, so that nobody's old session comes back to life with the account.
      if (disabled && !user.disabled) await this.sessions.revokeAll(manager, id, null);
      const updated = await this.users.update(manager, id, { role, disabled });
      await this.audit.record(manager, {
        actorId: origin.actor?.userId ?? null,
        action: 'user.update',
        resourceType: 'user',
        resourceId: id,
        address: origin.address,
        before: { role: user.role, disabled: user.disabled },
        after: { role, disabled },
      });
      return toUser(updated);
    });
  }
}
