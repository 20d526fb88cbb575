import {
  dispatchPass,
  dueStoreWork,
  endWorker,
  expiredJobs,
  expireJob,
  failOverdue,
  forgottenJobs,
  loseForgotten,
  loseOrphan,
  orphanedJobs,
  overdueJobs,
  requestJob,
  rows,
  silentWorkers,
  sweepRows,
  unclosedLogs,
  withdrawOverdue,
} from '@darb/ledger';
import type {
  Dispatch,
  DueWork,
  LostEpoch,
  Orphan,
  RowRetention,
  RunningLimits,
  SweptRows,
  UpkeepIntervals,
} from '@darb/ledger';
import { LEASE_SECONDS } from '@darb/models';
import type { Job } from '@darb/models/entities';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Queues of workers that ended longer ago than this have been obliterated by somebody. */
const ENDED_RECENTLY = `interval '1 hour'`;

/** Each method is one short transaction of the ledger, or one query. */
@Injectable()
export class DispatchRepository {
  constructor(private readonly database: DataSource) {}

  dispatchPass(limits: RunningLimits): Promise<Dispatch[]> {
    return this.database.transaction((tx) => dispatchPass(tx, limits));
  }

  withdrawOverdue(): Promise<Dispatch[]> {
    return this.database.transaction((tx) => withdrawOverdue(tx));
  }

  silentWorkers(): Promise<string[]> {
    return silentWorkers(this.database, LEASE_SECONDS);
  }

  /** False when it reported meanwhile. */
  endWorker(workerId: string): Promise<boolean> {
    return endWorker(this.database, workerId, LEASE_SECONDS);
  }

  orphanedJobs(): Promise<Orphan[]> {
    return orphanedJobs(this.database);
  }

  loseOrphan(orphan: Orphan): Promise<LostEpoch | null> {
    return this.database.transaction((tx) => loseOrphan(tx, orphan));
  }

  forgottenJobs(): Promise<Orphan[]> {
    return forgottenJobs(this.database);
  }

  loseForgotten(forgotten: Orphan): Promise<LostEpoch | null> {
    return this.database.transaction((tx) => loseForgotten(tx, forgotten));
  }

  expiredJobs(): Promise<string[]> {
    return expiredJobs(this.database);
  }

  expireJob(jobId: string): Promise<LostEpoch | null> {
    return this.database.transaction((tx) => expireJob(tx, jobId));
  }

  overdueJobs(waitSeconds: number): Promise<string[]> {
    return overdueJobs(this.database, waitSeconds);
  }

  failOverdue(jobId: string, waitSeconds: number): Promise<Job | null> {
    return this.database.transaction((tx) => failOverdue(tx, jobId, waitSeconds));
  }

  unclosedLogs(): Promise<LostEpoch[]> {
    return unclosedLogs(this.database);
  }

  dueStoreWork(intervals: UpkeepIntervals): Promise<DueWork[]> {
    return dueStoreWork(this.database, intervals);
  }

  async requestStoreWork({ storeId, type }: DueWork): Promise<Job> {
    const change = type === 'collect' ? ({ type, dry_run: false } as const) : ({ type } as const);
    const { job } = await this.database.transaction((tx) =>
      requestJob(tx, { subject: { type: 'store', id: storeId }, change, requester: { userId: null } }),
    );
    return job;
  }

  sweepRows(retention: RowRetention): Promise<SweptRows> {
    return this.database.transaction((tx) => sweepRows(tx, retention));
  }

  async recentlyEndedWorkers(): Promise<string[]> {
    const ended = await rows<{ id: string }>(
      this.database,
      `SELECT id FROM jobs.workers WHERE ended_at > now() - ${ENDED_RECENTLY}`,
    );
    return ended.map(({ id }) => id);
  }
}
