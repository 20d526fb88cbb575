import { firstRow, requestCancel, requestJob, rows } from '@darb/ledger';
import type { JobRequest, Requester } from '@darb/ledger';
import { mapDocuments } from '@darb/models';
import type { ClaimEnd, GrantRole, JobStatus, StoredChange } from '@darb/models';
import type { Job } from '@darb/models/entities';
import { Idempotency, tenantFilter, visibleOrganizations } from '@darb/service-kit';
import type { Actor, Answer, IdempotentRequest } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AttemptDto } from './jobs.dto.js';

export interface JobFilter {
  environment_id?: string;
  status?: JobStatus[];
  type?: string;
  requested_by?: string;
}

export interface JobHistory {
  requested_by_name: string | null;
  cancel_requested_by_name: string | null;
  waiting_for_job_id: string | null;
  attempts: AttemptDto[];
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
      { organizationColumn: 'j.organization_id', environmentColumn: 'j.subject_id' },
      4,
    );
    return firstRow<SeenJob>(
      this.database,
      `SELECT j.*, (
         -- 'editor' sorts before 'viewer': the smallest is the strongest.
         SELECT min(g.role) FROM environments.access_grants g
         WHERE g.environment_id = j.subject_id AND (g.user_id = $2 OR g.organization_id = ANY($3::uuid[]))
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
      ...conditionsOf(filter, bind),
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
        { organizationColumn: 'j.organization_id', environmentColumn: 'j.subject_id' },
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
          ${scan('j.subject_id = environment.id', `j.organization_id <> ALL(${own})`)}
        ) shared
      ) visible ${NEWEST_FIRST} LIMIT ${count}`;
    return rows<Job>(this.database, sql, parameters);
  }

  /** What a job's page shows besides the job: names, attempts, what it waits for. */
  async history(job: Job): Promise<JobHistory> {
    const found = await firstRow<Omit<JobHistory, 'attempts'>>(
      this.database,
      `SELECT (SELECT username FROM auth.users WHERE id = $1) AS requested_by_name,
         (SELECT username FROM auth.users WHERE id = $2) AS cancel_requested_by_name,
         (SELECT id FROM jobs.jobs WHERE lane = $3 AND lane_seq < $4 AND status IN ('pending', 'running')
          ORDER BY lane_seq DESC LIMIT 1) AS waiting_for_job_id`,
      [job.requested_by, job.cancel_requested_by, job.status === 'pending' ? job.lane : null, job.lane_seq],
    );
    const claims = await rows<AttemptRow>(
      this.database,
      `SELECT c.epoch, w.name, c.claimed_at, c.ended_at, c.end_reason, c.timings, c.deadline_at
       FROM jobs.claims c LEFT JOIN jobs.workers w ON w.id = c.worker_id WHERE c.job_id = $1 ORDER BY c.epoch`,
      [job.id],
    );
    return { ...found!, attempts: claims.map(toAttempt) };
  }

  /** How many of the documents that a change refers to are gone; the others are kept for a while longer. */
  async missingDocuments(change: StoredChange): Promise<number> {
    const needed = new Set<string>();
    mapDocuments(change, ({ sha256 }) => needed.add(sha256));
    if (needed.size === 0) return 0;
    const there = await rows(
      this.database,
      'UPDATE environments.documents SET referenced_at = now() WHERE sha256 = ANY($1) RETURNING 1',
      [[...needed]],
    );
    return needed.size - there.length;
  }

  /** Requests the change in one transaction with the answer that an Idempotency-Key repeats. */
  retry<T>(
    job: Job,
    change: StoredChange,
    request: Pick<JobRequest, 'requester' | 'limits'>,
    idempotent: IdempotentRequest | null,
    toAnswer: (job: Job) => Answer<T>,
  ): Promise<Answer<T>> {
    const subject = { type: job.subject_type, id: job.subject_id };
    return this.database.transaction((tx) =>
      this.idempotency.run(tx, idempotent, async () => {
        const requested = await requestJob(tx, {
          ...request,
          subject,
          change,
          retryOf: job.id,
          priority: job.priority,
          ...(job.timeout_seconds === null ? {} : { timeoutSeconds: job.timeout_seconds }),
          ...(job.idle_timeout_seconds === null ? {} : { idleTimeoutSeconds: job.idle_timeout_seconds }),
        });
        return toAnswer(requested.job);
      }),
    );
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

type Bind = (value: unknown) => string;

function conditionsOf({ environment_id, status, type, requested_by }: JobFilter, bind: Bind): string[] {
  return [
    ...(environment_id === undefined ? [] : [`j.subject_id = ${bind(environment_id)}`]),
    // One status is an equality, so that the index on it also gives the order.
    ...(status?.length === 1 ? [`j.status = ${bind(status[0])}`] : []),
    ...(status && status.length > 1 ? [`j.status = ANY(${bind(status)})`] : []),
    ...(type === undefined ? [] : [`j.type = ${bind(type)}`]),
    ...(requested_by === undefined ? [] : [`j.requested_by = ${bind(requested_by)}`]),
  ];
}

interface AttemptRow {
  epoch: number;
  name: string | null;
  claimed_at: Date;
  ended_at: Date | null;
  end_reason: ClaimEnd | null;
  timings: Record<string, number> | null;
  deadline_at: Date | null;
}

function toAttempt(row: AttemptRow): AttemptDto {
  return {
    number: row.epoch,
    worker: row.name,
    started_at: row.claimed_at.toISOString(),
    ended_at: row.ended_at?.toISOString() ?? null,
    outcome: row.end_reason === 'published' ? 'completed' : row.end_reason,
    timings: row.timings ?? {},
    deadline_at: row.ended_at === null ? (row.deadline_at?.toISOString() ?? null) : null,
  };
}
