import {
  claimJob,
  finishJob,
  publishedJob,
  releaseJob,
  reserveArtifact,
  treeOf,
  firstRow,
} from '@darb/ledger';
import type { ClaimOutcome, JobLimits } from '@darb/ledger';
import type {
  ArtifactAnswer,
  ArtifactRequest,
  ClaimRequest,
  FinishAnswer,
  FinishRequest,
  PublishedAnswer,
  PublishedRequest,
  TreeAnswer,
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

  reserveArtifact(
    { jobId, epoch, workerId }: ClaimedEpoch,
    request: ArtifactRequest,
  ): Promise<ArtifactAnswer> {
    return this.database.transaction((tx) => reserveArtifact(tx, jobId, epoch, workerId, request));
  }

  finish({ jobId, epoch, workerId }: ClaimedEpoch, request: FinishRequest): Promise<FinishAnswer> {
    return this.database.transaction((tx) => finishJob(tx, jobId, epoch, workerId, request));
  }

  /** What a copy in the worker's own store was built from; undefined when it has no such copy. */
  async tree({ workerId }: ClaimedEpoch, copyId: string): Promise<TreeAnswer | undefined> {
    const worker = await firstRow<{ store_id: string }>(
      this.database,
      'SELECT store_id FROM jobs.workers WHERE id = $1',
      [workerId],
    );
    return worker && treeOf(this.database, copyId, worker.store_id);
  }

  published(
    { jobId, epoch, workerId }: ClaimedEpoch,
    { result }: PublishedRequest,
  ): Promise<PublishedAnswer> {
    return this.database.transaction((tx) => publishedJob(tx, jobId, epoch, workerId, result));
  }

  release({ jobId, epoch, workerId }: ClaimedEpoch): Promise<void> {
    return this.database.transaction((tx) => releaseJob(tx, jobId, epoch, workerId));
  }
}
