import { claimJob, finishJob, publishedJob, releaseJob, reserveArtifact } from '@darb/ledger';
import type { ClaimOutcome, JobLimits } from '@darb/ledger';
import type {
  ArtifactAnswer,
  ClaimRequest,
  FinishAnswer,
  FinishRequest,
  PublishedAnswer,
} from '@darb/models';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** A claim as its worker names it. */
export interface ClaimedEpoch {
  jobId: string;
  epoch: number;
  workerId: string;
}

/** Each report of a worker is one transaction of the ledger. */
@Injectable()
export class InternalJobsRepository {
  constructor(private readonly database: DataSource) {}

  claim(jobId: string, request: ClaimRequest, limits: JobLimits): Promise<ClaimOutcome> {
    return this.database.transaction((tx) => claimJob(tx, jobId, request, limits));
  }

  reserveArtifact({ jobId, epoch, workerId }: ClaimedEpoch, digest: string): Promise<ArtifactAnswer> {
    return this.database.transaction((tx) => reserveArtifact(tx, jobId, epoch, workerId, digest));
  }

  finish({ jobId, epoch, workerId }: ClaimedEpoch, request: FinishRequest): Promise<FinishAnswer> {
    return this.database.transaction((tx) => finishJob(tx, jobId, epoch, workerId, request));
  }

  published({ jobId, epoch, workerId }: ClaimedEpoch): Promise<PublishedAnswer> {
    return this.database.transaction((tx) => publishedJob(tx, jobId, epoch, workerId));
  }

  release({ jobId, epoch, workerId }: ClaimedEpoch): Promise<void> {
    return this.database.transaction((tx) => releaseJob(tx, jobId, epoch, workerId));
  }
}
