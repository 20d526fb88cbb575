import { firstRow, rows } from '@darb/ledger';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EventPosition } from './event-position.js';

/** One change of a job or an environment, with the object as it was then. */
export interface LiveEvent {
  position: EventPosition;
  type: 'job' | 'environment';
  resourceId: string;
  environmentId: string;
  organizationId: string;
  data: Record<string, unknown>;
}

interface EventRow {
  xid: string;
  id: string;
  type: LiveEvent['type'];
  resource_id: string;
  environment_id: string;
  organization_id: string;
  data: Record<string, unknown>;
}

@Injectable()
export class EventsRepository {
  constructor(private readonly database: DataSource) {}

  /**
   * Events after a position, in order, but only those of transactions older than every running one: a later
   * commit can then never come before what was already answered. A plain serial id would lose such rows.
   */
  async readAfter({ xid, id }: EventPosition, limit: number): Promise<LiveEvent[]> {
    const found = await rows<EventRow>(
      this.database,
      `SELECT xid, id, type, resource_id, environment_id, organization_id, data FROM jobs.events
       WHERE (xid, id) > ($1::bigint, $2::bigint)
         AND xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
       ORDER BY xid, id LIMIT $3`,
      [xid.toString(), id, limit],
    );
    return found.map((row) => ({
      position: { xid: BigInt(row.xid), id: Number(row.id) },
      type: row.type,
      resourceId: row.resource_id,
      environmentId: row.environment_id,
      organizationId: row.organization_id,
      data: row.data,
    }));
  }

  /** The place right after everything that readers may see now. */
  async now(): Promise<EventPosition> {
    const found = await firstRow<{ xmin: string }>(
      this.database,
      'SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xmin',
    );
    return { xid: BigInt(found!.xmin), id: 0 };
  }

  /** Whether committed events wait after `position` for an older transaction to end. */
  async hasHeldBack({ xid, id }: EventPosition): Promise<boolean> {
    const found = await firstRow<{ held: boolean }>(
      this.database,
      `SELECT EXISTS (SELECT 1 FROM jobs.events WHERE (xid, id) > ($1::bigint, $2::bigint)) AS held`,
      [xid.toString(), id],
    );
    return found!.held;
  }

  /** Whether everything since `position` is still kept: something at or before it is. */
  async reachesBackTo({ xid, id }: EventPosition): Promise<boolean> {
    const found = await firstRow<{ reaches: boolean }>(
      this.database,
      `SELECT EXISTS (SELECT 1 FROM jobs.events WHERE (xid, id) <= ($1::bigint, $2::bigint)) AS reaches`,
      [xid.toString(), id],
    );
    return found!.reaches;
  }

  async deleteOlderThan(seconds: number, limit: number): Promise<number> {
    const deleted = await rows(
      this.database,
      `DELETE FROM jobs.events WHERE id IN (
         SELECT id FROM jobs.events WHERE created_at < now() - make_interval(secs => $1)
         ORDER BY created_at LIMIT $2
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
