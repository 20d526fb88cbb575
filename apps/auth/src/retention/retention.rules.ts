import type { RetentionRule } from '@darb/service-kit';
import { deletedRows, deleteRule } from '@darb/service-kit';
import type { AuthConfig } from '../config.js';

/** Sessions at a time; each may have thousands of refresh tokens. */
const SESSIONS_AT_ONCE = 100;

/** What the auth service forgets, and when. */
export function retentionRules(config: AuthConfig): RetentionRule[] {
  return [endedSessions(config.retainedSessionsDays), expiredRefreshTokens(), oldLoginAttempts(config)];
}

/** Sessions that ended so long ago, by themselves or by somebody, and before them their refresh tokens. */
function endedSessions(days: number): RetentionRule {
  return {
    deleteBatch: async (tx, limit) => {
      const ended = await tx.query<{ id: string }[]>(
        `(SELECT id FROM auth.sessions WHERE expires_at < now() - make_interval(days => $1)
           ORDER BY expires_at LIMIT ${SESSIONS_AT_ONCE})
         UNION
         (SELECT id FROM auth.sessions WHERE revoked_at < now() - make_interval(days => $1)
           ORDER BY revoked_at LIMIT ${SESSIONS_AT_ONCE})`,
        [days],
      );
      const ids = ended.map(({ id }) => id);
      if (ids.length === 0) return { sessions: 0, refresh_tokens: 0 };
      const refresh_tokens = await deletedRows(
        tx,
        `DELETE FROM auth.refresh_tokens WHERE id IN (
           SELECT id FROM auth.refresh_tokens WHERE session_id = ANY($2) LIMIT $1)`,
        [limit, ids],
      );
      // The rest of them first: deleting a session deletes its tokens with it, however many.
      const isComplete = refresh_tokens < limit;
      const sessions = isComplete
        ? await deletedRows(tx, 'DELETE FROM auth.sessions WHERE id = ANY($1)', [ids])
        : 0;
      return { sessions, refresh_tokens };
    },
  };
}

/** A used token is kept as long as it could have been used: who shows it later has a copy. */
function expiredRefreshTokens(): RetentionRule {
  return deleteRule(
    'refresh_tokens',
    `DELETE FROM auth.refresh_tokens WHERE id IN (
       SELECT id FROM auth.refresh_tokens WHERE expires_at < now() - interval '1 day'
        ORDER BY expires_at LIMIT $1)`,
  );
}

function oldLoginAttempts(config: AuthConfig): RetentionRule {
  return deleteRule(
    'login_attempts',
    `DELETE FROM auth.login_attempts WHERE key IN (
       SELECT key FROM auth.login_attempts
        WHERE window_started_at < now() - make_interval(hours => $2) AND coalesce(blocked_until, now()) <= now()
        ORDER BY window_started_at LIMIT $1)`,
    [config.retainedLoginAttemptsHours],
  );
}
