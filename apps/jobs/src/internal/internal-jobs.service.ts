import type {
  ArtifactAnswer,
  ArtifactRequest,
  ClaimAnswer,
  ClaimRequest,
  FinishAnswer,
  FinishRequest,
  PublishedAnswer,
  PublishedRequest,
  TreeAnswer,
} from '@darb/models';
import { addLogFields, notFound } from '@darb/service-kit';
import { Injectable, Logger } from '@nestjs/common';
import { JobsConfig } from '../config.js';
import { InternalJobsRepository } from './internal-jobs.repository.js';
import type { ClaimedEpoch } from './internal-jobs.repository.js';

@Injectable()
export class InternalJobsService {
  private readonly logger = new Logger('InternalJobsService');

  constructor(
    private readonly jobs: InternalJobsRepository,
    private readonly config: JobsConfig,
  ) {}

  async claim(jobId: string, request: ClaimRequest): Promise<ClaimAnswer> {
    const outcome = await this.jobs.claim(jobId, request, {
      timeout_seconds: this.config.jobTimeoutSeconds,
      idle_timeout_seconds: this.config.jobIdleTimeoutSeconds,
      log_limit_bytes: this.config.jobLogLimitBytes,
    });
    // Thrown only now: the transaction that ended an outdated job must be kept.
    if ('refused' in outcome) throw outcome.refused;
    addLogFields({ job_id: jobId, epoch: outcome.claimed.epoch });
    return outcome.claimed;
  }

  reserveArtifact(claimed: ClaimedEpoch, request: ArtifactRequest): Promise<ArtifactAnswer> {
    return this.jobs.reserveArtifact(claimed, request);
  }

  async tree(claimed: ClaimedEpoch, copyId: string): Promise<TreeAnswer> {
    const tree = await this.jobs.tree(claimed, copyId);
    if (!tree) throw notFound('copy');
    return tree;
  }

  async finish(claimed: ClaimedEpoch, request: FinishRequest): Promise<FinishAnswer> {
    const answer = await this.jobs.finish(claimed, request);
    addLogFields({
      job_id: claimed.jobId,
      epoch: claimed.epoch,
      job_outcome: request.outcome,
      job_state: answer.state,
      job_error_code: request.error?.code ?? null,
      ...Object.fromEntries(Object.entries(request.timings).map(([phase, ms]) => [`job_${phase}_ms`, ms])),
    });
    return answer;
  }

  published(claimed: ClaimedEpoch, request: PublishedRequest): Promise<PublishedAnswer> {
    return this.jobs.published(claimed, request);
  }

  async release(claimed: ClaimedEpoch, reason: string): Promise<void> {
    await this.jobs.release(claimed);
    this.logger.log(`Worker ${claimed.workerId} gave job ${claimed.jobId} back: ${reason}`);
  }
}
