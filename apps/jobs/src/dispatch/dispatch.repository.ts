import {
  dispatchPass,
  loseOrphan,
  loseWorker,
  orphanedJobs,
  rows,
  silentWorkers,
  unclosedLogs,
  withdrawOverdue,
} from '@darb/ledger';
import type { Dispatch, LostEpoch, Orphan } from '@darb/ledger';
import { LEASE_SECONDS } from '@darb/models';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Queues of workers that ended longer ago than this have been obliterated by somebody. */
const ENDED_RECENTLY = `interval '1 hour'`;

/** Each method is one short transaction of the ledger, or one query. */
@Injectable()
export class DispatchRepository {
  constructor(private readonly database: DataSource) {}

  dispatchPass(): Promise<Dispatch[]> {
    return this.database.transaction((tx) => dispatchPass(tx));
  }

  withdrawOverdue(): Promise<Dispatch[]> {
    return this.database.transaction((tx) => withdrawOverdue(tx));
  }

  silentWorkers(): Promise<string[]> {
    return silentWorkers(this.database, LEASE_SECONDS);
  }

  /** The epochs that ended with the worker; null when it reported meanwhile. */
  loseWorker(workerId: string): Promise<LostEpoch[] | null> {
    return this.database.transaction((tx) => loseWorker(tx, workerId, LEASE_SECONDS));
  }

  orphanedJobs(): Promise<Orphan[]> {
    return orphanedJobs(this.database);
  }

  loseOrphan(orphan: Orphan): Promise<LostEpoch | null> {
    return this.database.transaction((tx) => loseOrphan(tx, orphan));
  }

  unclosedLogs(): Promise<LostEpoch[]> {
    return unclosedLogs(this.database);
  }

  async recentlyEndedWorkers(): Promise<string[]> {
    const ended = await rows<{ id: string }>(
      this.database,
      `SELECT id FROM jobs.workers WHERE ended_at > now() - ${ENDED_RECENTLY}`,
    );
    return ended.map(({ id }) => id);
  }
}
