import { rows } from '@darb/ledger';
import { LEASE_SECONDS } from '@darb/models';
import { tenantFilter } from '@darb/service-kit';
import type { Actor } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

export interface ActiveGroup {
  status: 'pending' | 'running';
  waiting_for: string | null;
  jobs: number;
  oldest_seconds: number;
}

@Injectable()
export class QueueRepository {
  constructor(private readonly database: DataSource) {}

  /** Unfinished jobs that the actor may see, by what they wait for. */
  async activeJobs(actor: Actor): Promise<ActiveGroup[]> {
    const filter = tenantFilter(actor, {
      organizationColumn: 'j.organization_id',
      environmentColumn: 'j.subject_id',
    });
    return rows<ActiveGroup>(
      this.database,
      `SELECT j.status, CASE WHEN j.status = 'pending' THEN j.waiting_for END AS waiting_for, count(*)::int AS jobs,
         extract(epoch FROM now() - min(j.created_at))::float8 AS oldest_seconds
       FROM jobs.jobs j WHERE j.status IN ('pending', 'running') AND ${filter.sql}
       GROUP BY 1, 2 ORDER BY jobs DESC`,
      filter.parameters,
    );
  }

  async countActive(): Promise<{ pending: number; running: number }> {
    const [found] = await rows<{ pending: number; running: number }>(
      this.database,
      `SELECT count(*) FILTER (WHERE status = 'pending')::int AS pending,
         count(*) FILTER (WHERE status = 'running')::int AS running
       FROM jobs.jobs WHERE status IN ('pending', 'running')`,
    );
    return found!;
  }

  async slots(): Promise<{ slots: number; used: number }> {
    const [found] = await rows<{ slots: number; used: number }>(
      this.database,
      `SELECT
         (SELECT coalesce(sum(slots), 0)::int FROM jobs.workers
          WHERE ended_at IS NULL AND NOT draining AND heartbeat_at > now() - make_interval(secs => $1)) AS slots,
         (SELECT count(*)::int FROM jobs.jobs
          WHERE status IN ('pending', 'running') AND worker_id IS NOT NULL) AS used`,
      [LEASE_SECONDS],
    );
    return found!;
  }
}
