import { firstRow, rows } from '@darb/ledger';
import { EVENTS_NUMBERED_CHANNEL } from '@darb/models';
import type { SubjectType } from '@darb/models';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { BEFORE_ALL_EVENTS } from './event-position.js';
import type { EventPosition } from './event-position.js';

/** Held by whoever numbers events; any number that nothing else in the database locks on. */
const SEQUENCER_LOCK = 7_203_413;

/** One change of a job or an environment, with the object as it was then. */
export interface LiveEvent {
  position: EventPosition;
  type: 'job' | SubjectType;
  resourceId: string;
  subjectId: string;
  /** Null: only instance admins see it. */
  organizationId: string | null;
  data: Record<string, unknown>;
}

interface EventRow {
  position: string;
  type: LiveEvent['type'];
  resource_id: string;
  subject_id: string;
  organization_id: string | null;
  data: Record<string, unknown>;
}

@Injectable()
export class EventsRepository {
  constructor(private readonly database: DataSource) {}

  /** The next events after a position, in order. */
  async readAfter(position: EventPosition, limit: number): Promise<LiveEvent[]> {
    const found = await rows<EventRow>(
      this.database,
      `SELECT position, type, resource_id, subject_id, organization_id, data FROM jobs.events
       WHERE position > $1 ORDER BY position LIMIT $2`,
      [position, limit],
    );
    return found.map((row) => ({
      position: Number(row.position),
      type: row.type,
      resourceId: row.resource_id,
      subjectId: row.subject_id,
      organizationId: row.organization_id,
      data: row.data,
    }));
  }

  /**
   * Gives committed events the next positions, in the order of their ids, and wakes the readers; returns how many.
   *
   * One statement, so that a process that stops in the middle can't keep the lock. Its snapshot may be older than the
   * lock: an event that was numbered in between is found out by the second look at `position`.
   */
  async number(limit: number): Promise<number> {
    const numbered = await firstRow<{ count: number }>(
      this.database,
      `WITH lock AS MATERIALIZED (
         SELECT pg_try_advisory_xact_lock($1) AS is_held
       ), waiting AS MATERIALIZED (
         SELECT id FROM jobs.events
         WHERE position IS NULL AND (SELECT is_held FROM lock) ORDER BY id LIMIT $2
       ), next AS MATERIALIZED (
         SELECT id, nextval('jobs.event_positions') AS position FROM waiting
       ), numbered AS (
         UPDATE jobs.events event SET position = next.position FROM next
         WHERE event.id = next.id AND event.position IS NULL RETURNING 1
       )
       SELECT count(*)::int AS count, CASE WHEN count(*) > 0 THEN pg_notify($3, '') END FROM numbered`,
      [SEQUENCER_LOCK, limit, EVENTS_NUMBERED_CHANNEL],
    );
    return numbered!.count;
  }

  /** The place right after everything that readers may see now. */
  async now(): Promise<EventPosition> {
    const last = await firstRow<{ position: string | null }>(
      this.database,
      'SELECT max(position) AS position FROM jobs.events',
    );
    return last?.position ? Number(last.position) : BEFORE_ALL_EVENTS;
  }

  /** Whether everything since `position` is still kept: something at or before it is. */
  async reachesBackTo(position: EventPosition): Promise<boolean> {
    const found = await firstRow<{ reaches: boolean }>(
      this.database,
      `SELECT EXISTS (SELECT 1 FROM jobs.events WHERE position <= $1) AS reaches`,
      [position],
    );
    return found!.reaches;
  }

  /**
   * Deletes the first events up to one that is younger: events are kept without holes, or nobody could tell from the
   * first one whether a reader has missed some. Looks at no more than `limit` of them; returns how many it deleted.
   */
  async deleteOlderThan(seconds: number, limit: number): Promise<number> {
    const deleted = await rows(
      this.database,
      `DELETE FROM jobs.events WHERE id IN (
         SELECT id FROM (
           SELECT id, bool_and(created_at < now() - make_interval(secs => $1)) OVER (ORDER BY position) AS is_old
           FROM (
             SELECT id, position, created_at FROM jobs.events WHERE position IS NOT NULL ORDER BY position LIMIT $2
           ) AS first
         ) AS judged WHERE is_old
       ) RETURNING 1`,
      [seconds, limit],
    );
    return deleted.length;
  }

  /** Environments that were shared with the user or one of the organizations. */
  async grantedEnvironments(userId: string, organizationIds: string[]): Promise<string[]> {
    const found = await rows<{ environment_id: string }>(
      this.database,
      `SELECT environment_id FROM environments.access_grants
       WHERE user_id = $1 OR organization_id = ANY($2::uuid[])`,
      [userId, organizationIds],
    );
    return found.map((row) => row.environment_id);
  }
}
