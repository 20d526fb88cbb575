import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Actor } from './actor.js';

/** How long an answer is believed: a disabled user or a revoked session stops within this time. */
const CACHE_MS = 1_000;
const MOST_CACHED = 10_000;

const READ_ACTOR = `
  SELECT u.id AS "userId", u.username, u.role, s.id AS "sessionId", p.id AS "personalOrganizationId",
         COALESCE((SELECT json_agg(json_build_object('id', m.organization_id, 'role', m.role) ORDER BY m.organization_id)
                     FROM auth.memberships m WHERE m.user_id = u.id), '[]'::json) AS organizations
    FROM auth.sessions s
    JOIN auth.users u ON u.id = s.user_id
    JOIN auth.organizations p ON p.personal_user_id = u.id
   WHERE s.id = $1 AND u.id = $2 AND s.revoked_at IS NULL AND s.expires_at > now() AND NOT u.disabled`;

/** Session, user and memberships in one indexed read; null when the session is over or the user is disabled. */
@Injectable()
export class ActorReader {
  private readonly cache = new Map<string, { actor: Promise<Actor | null>; readAt: number }>();

  constructor(@Inject(DataSource) private readonly database: DataSource) {}

  read(sessionId: string, userId: string): Promise<Actor | null> {
    const key = `${sessionId} ${userId}`;
    const now = performance.now();
    const cached = this.cache.get(key);
    if (cached && now - cached.readAt < CACHE_MS) return cached.actor;
    const actor = this.database
      .query<Actor[]>(READ_ACTOR, [sessionId, userId])
      .then((rows) => rows[0] ?? null);
    this.remember(key, actor, now);
    return actor;
  }

  /** For open streams, every second or so: the actor as it is now, null when the stream has to end. */
  refresh(actor: Actor): Promise<Actor | null> {
    return this.read(actor.sessionId, actor.userId);
  }

  /** After this process ended a session: it need not wait for the cache. */
  forget(sessionId: string): void {
    for (const key of this.cache.keys()) if (key.startsWith(`${sessionId} `)) this.cache.delete(key);
  }

  private remember(key: string, actor: Promise<Actor | null>, readAt: number): void {
    this.cache.delete(key);
    this.cache.set(key, { actor, readAt });
    // A failed read must be tried again by the next request; whoever waits for this one gets its error.
    actor.catch(() => this.cache.delete(key));
    // Insertion order is age order: the oldest entries go first.
    for (const [oldest, entry] of this.cache) {
      if (readAt - entry.readAt < CACHE_MS && this.cache.size <= MOST_CACHED) break;
      this.cache.delete(oldest);
    }
  }
}
