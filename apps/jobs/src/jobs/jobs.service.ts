import { toJobObject } from '@darb/ledger';
import type { JobObject } from '@darb/ledger';
import { authorize, decodeCursor, notFound, pageOf } from '@darb/service-kit';
import type { Actor, Answer, IdempotentRequest } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import { CancelRelay } from './cancel-relay.js';
import type { ListJobsQuery } from './jobs.dto.js';
import { JobsRepository } from './jobs.repository.js';
import type { JobFilter, JobKey, SeenJob } from './jobs.repository.js';

interface JobPage {
  items: JobObject[];
  next_cursor: string | null;
}

@Injectable()
export class JobsService {
  constructor(
    private readonly jobs: JobsRepository,
    private readonly cancels: CancelRelay,
  ) {}

  async list(actor: Actor, { environment_id, status, type, limit, cursor }: ListJobsQuery): Promise<JobPage> {
    const filter: JobFilter = { environment_id, status, type };
    const shape = ['jobs', environment_id, status, type];
    const key = decodeCursor(cursor, shape, 2) as JobKey | null;
    const found = await this.jobs.list(actor, filter, key, limit + 1);
    return pageOf(found, limit, toJobObject, (job) => [job.created_at.toISOString(), job.id], shape);
  }

  async get(actor: Actor, id: string): Promise<JobObject> {
    return toJobObject(await this.find(actor, id));
  }

  /** For open streams: whether the actor may still see the job. */
  async mayRead(actor: Actor, id: string): Promise<boolean> {
    return (await this.jobs.find(actor, id)) !== undefined;
  }

  async cancel(
    actor: Actor,
    id: string,
    address: string,
    idempotent: IdempotentRequest | null,
  ): Promise<Answer<JobObject>> {
    const job = await this.find(actor, id);
    authorize(actor, 'jobs:cancel', { organizationId: job.organization_id, grant: job.grant }, 'job');
    const { answer, workerId } = await this.jobs.cancel(
      id,
      { userId: actor.userId, address },
      idempotent,
      (cancelled) => ({
        status: 202,
        body: toJobObject(cancelled),
        headers: { location: `/api/v1/jobs/${id}` },
      }),
    );
    if (workerId) await this.cancels.tell(workerId, id);
    return answer;
  }

  private async find(actor: Actor, id: string): Promise<SeenJob> {
    const job = await this.jobs.find(actor, id);
    if (!job) throw notFound('job');
    return job;
  }
}
