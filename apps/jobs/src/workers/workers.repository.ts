import { firstRow, recordHeartbeat, registerWorker, requestDrain, rows } from '@darb/ledger';
import type { HeartbeatSignals } from '@darb/ledger';
import { LEASE_SECONDS } from '@darb/models';
import type { HeartbeatRequest, RegisterWorkerRequest } from '@darb/models';
import type { Worker } from '@darb/models/entities';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

export type WorkerRow = Worker & { running: number; is_silent: boolean };

const PRESENT = `
  SELECT w.*, w.heartbeat_at < now() - make_interval(secs => $1) AS is_silent,
    (SELECT count(*)::int FROM jobs.jobs j WHERE j.worker_id = w.id AND j.status = 'running') AS running
  FROM jobs.workers w WHERE w.ended_at IS NULL`;

@Injectable()
export class WorkersRepository {
  constructor(private readonly database: DataSource) {}

  register(id: string, worker: RegisterWorkerRequest): Promise<void> {
    return registerWorker(this.database, id, worker);
  }

  /** Null when the worker was taken for lost. */
  heartbeat(id: string, request: HeartbeatRequest): Promise<HeartbeatSignals | null> {
    return this.database.transaction((tx) => recordHeartbeat(tx, id, request));
  }

  listPresent(): Promise<WorkerRow[]> {
    return rows<WorkerRow>(this.database, `${PRESENT} ORDER BY w.registered_at, w.id`, [LEASE_SECONDS]);
  }

  findPresent(id: string): Promise<WorkerRow | undefined> {
    return firstRow<WorkerRow>(this.database, `${PRESENT} AND w.id = $2`, [LEASE_SECONDS, id]);
  }

  /** False when there is no such worker any more. */
  requestDrain(id: string, isDraining: boolean): Promise<boolean> {
    return requestDrain(this.database, id, isDraining);
  }

  async countLive(): Promise<number> {
    const [found] = await rows<{ live: number }>(
      this.database,
      `SELECT count(*)::int AS live FROM jobs.workers
       WHERE ended_at IS NULL AND heartbeat_at > now() - make_interval(secs => $1)`,
      [LEASE_SECONDS],
    );
    return found?.live ?? 0;
  }
}
