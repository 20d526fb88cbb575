import { toJobObject } from '@darb/ledger';
import type { JobObject } from '@darb/ledger';
import { authorize, decodeCursor, notFound, pageOf, Problem, WaitingLimitsConfig } from '@darb/service-kit';
import type { Actor, Answer, IdempotentRequest } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import { CancelRelay } from './cancel-relay.js';
import type { JobDetailDto, ListJobsQuery, RetryJobBody } from './jobs.dto.js';
import { JobsRepository } from './jobs.repository.js';
import type { JobFilter, JobKey, SeenJob } from './jobs.repository.js';
import { changeToRetry } from './retry.js';

interface JobPage {
  items: JobObject[];
  next_cursor: string | null;
}

@Injectable()
export class JobsService {
  constructor(
    private readonly jobs: JobsRepository,
    private readonly cancels: CancelRelay,
    private readonly limits: WaitingLimitsConfig,
  ) {}

  async list(actor: Actor, query: ListJobsQuery): Promise<JobPage> {
    const { limit, cursor, environment_id, status, type } = query;
    const filter: JobFilter = {
      environment_id,
      status: status && [...status].sort(),
      type,
      requested_by: query.requested_by === 'me' ? actor.userId : query.requested_by,
    };
    const shape = ['jobs', filter];
    const key = decodeCursor(cursor, shape, 2) as JobKey | null;
    const found = await this.jobs.list(actor, filter, key, limit + 1);
    return pageOf(found, limit, toJobObject, (job) => [job.created_at.toISOString(), job.id], shape);
  }

  async get(actor: Actor, id: string): Promise<JobObject> {
    return toJobObject(await this.find(actor, id));
  }

  async detail(actor: Actor, id: string): Promise<JobDetailDto> {
    const job = await this.find(actor, id);
    return { ...toJobObject(job), ...(await this.jobs.history(job)) } as unknown as JobDetailDto;
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
    authorize(actor, 'jobs:cancel', resourceOf(job), 'job');
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

  async retry(
    actor: Actor,
    id: string,
    body: RetryJobBody,
    address: string,
    idempotent: IdempotentRequest | null,
  ): Promise<Answer<JobObject>> {
    const job = await this.find(actor, id);
    authorize(actor, 'jobs:retry', resourceOf(job), 'job');
    const change = await changeToRetry(job, body);
    const gone = await this.jobs.missingDocuments(change);
    if (gone > 0) {
      throw new Problem(
        409,
        'not_retryable',
        'The manifest of this job is no longer kept: request the change again.',
      );
    }
    return this.jobs.retry(
      job,
      change,
      {
        requester: { userId: actor.userId, address },
        limits: {
          perOrganization: this.limits.limitWaitingPerOrganization,
          perUser: this.limits.limitWaitingPerUser,
        },
      },
      idempotent,
      (requested) => ({
        status: 202,
        body: toJobObject(requested),
        headers: { location: `/api/v1/jobs/${requested.id}` },
      }),
    );
  }

  private async find(actor: Actor, id: string): Promise<SeenJob> {
    const job = await this.jobs.find(actor, id);
    if (!job) throw notFound('job');
    return job;
  }
}

/** Work on a store belongs to no organization: only an instance admin comes this far. */
function resourceOf(job: SeenJob): { organizationId: string; grant: SeenJob['grant'] } {
  return { organizationId: job.organization_id ?? '', grant: job.grant };
}
