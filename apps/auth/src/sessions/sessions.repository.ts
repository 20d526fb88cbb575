import { Session, User } from '@darb/models/entities';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';

/** A session that nobody uses for this long is over. */
export const SESSION_DAYS = 30;
const LIFETIME = `interval '${SESSION_DAYS} days'`;

export interface NewSession {
  userId: string;
  kind: 'browser' | 'api';
  secretHash: Buffer | null;
  address: string | null;
  userAgent: string | null;
}

@Injectable()
export class SessionsRepository {
  constructor(private readonly database: DataSource) {}

  transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.database.transaction(work);
  }

  /** Postgres' clock decides when it ends; replicas' clocks may differ. */
  async insert(manager: EntityManager, session: NewSession): Promise<{ id: string; expiresAt: Date }> {
    const [row] = await manager.query<{ id: string; expiresAt: Date }[]>(
      `INSERT INTO auth.sessions (id, user_id, kind, secret_hash, address, user_agent, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, now() + ${LIFETIME})
       RETURNING id, expires_at AS "expiresAt"`,
      [
        uuidv7(),
        session.userId,
        session.kind,
        session.secretHash,
        session.address,
        session.userAgent?.slice(0, 1000) ?? null,
      ],
    );
    if (!row) throw new Error('INSERT answered no session.');
    return row;
  }

  /** The live browser session behind a cookie's secret, and its user; null when it is over or the user is disabled. */
  async findLive(secretHash: Buffer): Promise<{ sessionId: string; user: User } | null> {
    const session = await this.database.manager
      .createQueryBuilder(Session, 's')
      .where(`s.secret_hash = :secretHash AND s.revoked_at IS NULL AND s.expires_at > now()`, { secretHash })
      .getOne();
    if (!session) return null;
    const user = await this.database.manager.findOneBy(User, { id: session.user_id, disabled: false });
    return user ? { sessionId: session.id, user } : null;
  }

  /** Moves the end of a session that is in use; a write a minute at most. */
  async touch(sessionId: string): Promise<void> {
    await this.database.query(
      `UPDATE auth.sessions SET last_seen_at = now(), expires_at = now() + ${LIFETIME}
        WHERE id = $1 AND revoked_at IS NULL AND last_seen_at < now() - interval '1 minute'`,
      [sessionId],
    );
  }

  /** Answers the user whose session it was; null when it was over already. */
  revoke(manager: EntityManager, sessionId: string): Promise<string | null> {
    return this.revokeWhere(manager, 'id = $1', sessionId);
  }

  revokeBySecret(manager: EntityManager, secretHash: Buffer): Promise<string | null> {
    return this.revokeWhere(manager, 'secret_hash = $1', secretHash);
  }

  /** All sessions of a user, but for `exceptId`. */
  async revokeAll(manager: EntityManager, userId: string, exceptId: string | null): Promise<void> {
    await manager.query(
      `UPDATE auth.sessions SET revoked_at = now()
        WHERE user_id = $1 AND revoked_at IS NULL AND id IS DISTINCT FROM $2::uuid`,
      [userId, exceptId],
    );
  }

  private async revokeWhere(
    manager: EntityManager,
    condition: string,
    value: unknown,
  ): Promise<string | null> {
    // TypeORM answers [rows, count] for an UPDATE.
    const [rows] = await manager.query<[{ user_id: string }[], number]>(
      `UPDATE auth.sessions SET revoked_at = now() WHERE ${condition} AND revoked_at IS NULL RETURNING user_id`,
      [value],
    );
    return rows[0]?.user_id ?? null;
  }
}
