import type { InstanceRole } from '@darb/models';
import { Membership, Organization, User } from '@darb/models/entities';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DataSource, MoreThan } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';

export interface NewUser {
  username: string;
  email: string | null;
  passwordHash: string;
  role: InstanceRole;
}

@Injectable()
export class UsersRepository {
  constructor(private readonly database: DataSource) {}

  transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.database.transaction(work);
  }

  findById(id: string): Promise<User | null> {
    return this.database.manager.findOneBy(User, { id });
  }

  findByUsername(username: string): Promise<User | null> {
    return this.database.manager.findOneBy(User, { username });
  }

  /** Oldest first: ids are UUIDv7, so their order is the order of creation. */
  list(afterId: string | null, limit: number): Promise<User[]> {
    return this.database.manager.find(User, {
      where: afterId ? { id: MoreThan(afterId) } : {},
      order: { id: 'ASC' },
      take: limit,
    });
  }

  async hasAdmin(): Promise<boolean> {
    return this.database.manager.existsBy(User, { role: 'admin', disabled: false });
  }

  hasUsers(manager: EntityManager): Promise<boolean> {
    return manager.exists(User);
  }

  /** Whoever makes the first user holds this until the transaction ends, so that there is only one first user. */
  async lockFirstUser(manager: EntityManager): Promise<void> {
    await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('darb auth first user', 0))`);
  }

  /** The user, a personal organization of the same name and the membership as its owner. */
  async insert(manager: EntityManager, user: NewUser): Promise<{ user: User; organizationId: string }> {
    const id = uuidv7();
    const organizationId = uuidv7();
    await manager.insert(User, {
      id,
      username: user.username,
      email: user.email,
      password_hash: user.passwordHash,
      role: user.role,
    });
    await manager.insert(Organization, { id: organizationId, name: user.username, personal_user_id: id });
    await manager.insert(Membership, { user_id: id, organization_id: organizationId, role: 'owner' });
    return { user: await manager.findOneByOrFail(User, { id }), organizationId };
  }

  /**
   * Locks the active admins and the user (in one order, so that two changes can't deadlock) and answers the user and
   * whether another active admin exists. Nobody can stop being an admin meanwhile.
   */
  async lockForUpdate(
    manager: EntityManager,
    id: string,
  ): Promise<{ user: User | null; hasOtherAdmin: boolean }> {
    const rows = await manager
      .createQueryBuilder(User, 'u')
      .where(`u.id = :id OR (u.role = 'admin' AND NOT u.disabled)`, { id })
      .orderBy('u.id')
      .setLock('pessimistic_write')
      .getMany();
    return {
      user: rows.find((row) => row.id === id) ?? null,
      hasOtherAdmin: rows.some((row) => row.id !== id && row.role === 'admin' && !row.disabled),
    };
  }

  async update(
    manager: EntityManager,
    id: string,
    change: Partial<Pick<User, 'role' | 'disabled' | 'password_hash'>>,
  ): Promise<User> {
    await manager.update(User, { id }, { ...change, updated_at: () => 'now()' });
    return manager.findOneByOrFail(User, { id });
  }
}
