import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { SESSION_DAYS } from '../sessions/sessions.repository.js';

/** A repeat within this time is a lost answer, a later one a stolen token. */
const REPEAT_WINDOW = `interval '30 seconds'`;

export interface RefreshTokenState {
  sessionId: string;
  userId: string;
  /** The session lives, the token has not expired and the user is not disabled. */
  isLive: boolean;
  isUsed: boolean;
  /** Used a moment ago. */
  isRepeat: boolean;
  successorId: string | null;
}

@Injectable()
export class RefreshTokensRepository {
  /** Locks the row, so that two refreshes with one token come one after the other. */
  async lock(manager: EntityManager, id: string, tokenHash: Buffer): Promise<RefreshTokenState | null> {
    const [row] = await manager.query<RefreshTokenState[]>(
      `SELECT t.session_id AS "sessionId", s.user_id AS "userId",
              s.revoked_at IS NULL AND s.expires_at > now() AND t.expires_at > now() AND NOT u.disabled AS "isLive",
              t.used_at IS NOT NULL AS "isUsed",
              COALESCE(t.used_at > clock_timestamp() - ${REPEAT_WINDOW}, false) AS "isRepeat",
              t.successor_id AS "successorId"
         FROM auth.refresh_tokens t
         JOIN auth.sessions s ON s.id = t.session_id
         JOIN auth.users u ON u.id = s.user_id
        WHERE t.id = $1 AND t.token_hash = $2
          FOR UPDATE OF t`,
      [id, tokenHash],
    );
    return row ?? null;
  }

  /** `hashOf` makes the stored hash from the new row's id. */
  async insert(manager: EntityManager, sessionId: string, hashOf: (id: string) => Buffer): Promise<string> {
    const id = uuidv7();
    await manager.query(
      `INSERT INTO auth.refresh_tokens (id, session_id, token_hash, expires_at)
       VALUES ($1, $2, $3, now() + interval '${SESSION_DAYS} days')`,
      [id, sessionId, hashOf(id)],
    );
    return id;
  }

  async markUsed(manager: EntityManager, id: string, successorId: string): Promise<void> {
    await manager.query(
      `UPDATE auth.refresh_tokens SET used_at = clock_timestamp(), successor_id = $2 WHERE id = $1`,
      [id, successorId],
    );
  }
}
