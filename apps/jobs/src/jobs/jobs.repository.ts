import { firstRow, requestCancel, rows } from '@darb/ledger';
import type { Requester } from '@darb/ledger';
import type { Job } from '@darb/models/entities';
import type { GrantRole } from '@darb/models';
import { Idempotency, tenantFilter, visibleOrganizations } from '@darb/service-kit';
import type { Actor, Answer, IdempotentRequest } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

export interface JobFilter {
  environment_id?: string;
  status?: string;
  type?: string;
}

/** created_at and id of the last job of the page before. */
export type JobKey = [createdAt: string, id: string];

/** A job, and what the caller was granted on its environment. */
export type SeenJob = Job & { grant: GrantRole | null };

const NEWEST_FIRST = 'ORDER BY created_at DESC, id DESC';

@Injectable()
export class JobsRepository {
  constructor(
    private readonly database: DataSource,
    private readonly idempotency: Idempotency,
  ) {}

  async find(actor: Actor, id: string): Promise<SeenJob | undefined> {
    const filter = tenantFilter(
      actor,
      { organizationColumn: 'j.organization_id', environmentColumn: 'j.environment_id' },
      4,
    );
    return firstRow<SeenJob>(
      this.database,
      `SELECT j.*, (
         -- 'editor' sorts before 'viewer': the smallest is the strongest.
         SELECT min(g.role) FROM environments.access_grants g
         WHERE g.environment_id = j.environment_id AND (g.user_id = $2 OR g.organization_id = ANY($3::uuid[]))
       ) AS "grant"
       FROM jobs.jobs j WHERE j.id = $1 AND ${filter.sql}`,
      [id, actor.userId, actor.organizations.map((organization) => organization.id), ...filter.parameters],
    );
  }

  /** Jobs that the actor may see, newest first: `limit` of them after `key`. */
  async list(actor: Actor, filter: JobFilter, key: JobKey | null, limit: number): Promise<Job[]> {
    const parameters: unknown[] = [];
    const bind = (value: unknown) => `$${parameters.push(value)}`;
    const conditions = [
      ...Object.entries(filter)
        .filter(([, value]) => value !== undefined)
        .map(([column, value]) => `j.${column} = ${bind(value)}`),
      ...(key ? [`(j.created_at, j.id) < (${bind(key[0])}::timestamptz, ${bind(key[1])}::uuid)`] : []),
    ];
    const count = bind(limit);
    const organizations = visibleOrganizations(actor);
    const scan = (...more: string[]) =>
      `SELECT j.* FROM jobs.jobs j WHERE ${[...conditions, ...more, 'TRUE'].join(' AND ')} ${NEWEST_FIRST} LIMIT ${count}`;
    if (organizations === 'all') return rows<Job>(this.database, scan(), parameters);
    if (filter.environment_id !== undefined) {
      const tenant = tenantFilter(
        actor,
        { organizationColumn: 'j.organization_id', environmentColumn: 'j.environment_id' },
        parameters.length + 1,
      );
      return rows<Job>(this.database, scan(tenant.sql), [...parameters, ...tenant.parameters]);
    }
    // One short scan of an index for each organization and each shared environment: the cost of a page depends on
    // neither how many jobs there are nor how far down the list it is.
    const own = `${bind(organizations)}::uuid[]`;
    const sql = `
      SELECT * FROM (
        SELECT mine.* FROM unnest(${own}) AS organization (id)
        CROSS JOIN LATERAL (${scan('j.organization_id = organization.id')}) mine
        UNION ALL
        SELECT shared.* FROM (
          SELECT DISTINCT g.environment_id AS id FROM environments.access_grants g
          WHERE g.user_id = ${bind(actor.userId)} OR g.organization_id = ANY(${own})
        ) environment
        CROSS JOIN LATERAL (
          ${scan('j.environment_id = environment.id', `j.organization_id <> ALL(${own})`)}
        ) shared
      ) visible ${NEWEST_FIRST} LIMIT ${count}`;
    return rows<Job>(this.database, sql, parameters);
  }

  /** Who runs a job that may still be stopped; null when nobody does. */
  async workerToCancel(id: string): Promise<string | null> {
    const job = await firstRow<{ worker_id: string }>(
      this.database,
      `SELECT worker_id FROM jobs.jobs
       WHERE id = $1 AND status = 'running' AND worker_id IS NOT NULL AND committed_at IS NULL`,
      [id],
    );
    return job?.worker_id ?? null;
  }

  /** Cancels in one transaction with the answer that an Idempotency-Key repeats. */
  async cancel<T>(
    id: string,
    requester: Requester,
    idempotent: IdempotentRequest | null,
    toAnswer: (job: Job) => Answer<T>,
  ): Promise<{ answer: Answer<T>; workerId: string | null }> {
    let workerId: string | null = null;
    const answer = await this.database.transaction((tx) =>
      this.idempotency.run(tx, idempotent, async () => {
        const cancelled = await requestCancel(tx, id, requester);
        workerId = cancelled.workerId;
        return toAnswer(cancelled.job);
      }),
    );
    return { answer, workerId };
  }
}
