import { recordHeartbeat, rows } from '@darb/ledger';
import type { JobSignals } from '@darb/ledger';
import { LEASE_SECONDS } from '@darb/models';
import type { HeartbeatRequest, RegisterWorkerRequest } from '@darb/models';
import type { Worker } from '@darb/models/entities';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

export type WorkerRow = Worker & { running: number; is_silent: boolean };

@Injectable()
export class WorkersRepository {
  constructor(private readonly database: DataSource) {}

  async insert(id: string, worker: RegisterWorkerRequest): Promise<void> {
    await this.database.query(
      `INSERT INTO jobs.workers
         (id, name, store_id, store_root, platform, libc, managers, slots, labels, sandbox, version)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [
        id,
        worker.name,
        worker.store.id,
        worker.store.root,
        worker.platform,
        worker.libc,
        JSON.stringify(worker.managers),
        worker.slots,
        JSON.stringify(worker.labels),
        JSON.stringify(worker.sandbox),
        worker.version,
      ],
    );
    // A worker that just joined has room for whatever waits.
    await this.database.query('NOTIFY darb_jobs');
  }

  /** Null when the worker was taken for lost. */
  heartbeat(id: string, request: HeartbeatRequest): Promise<JobSignals | null> {
    return this.database.transaction((tx) => recordHeartbeat(tx, id, request));
  }

  async listPresent(): Promise<WorkerRow[]> {
    return rows<WorkerRow>(
      this.database,
      `SELECT w.*, w.heartbeat_at < now() - make_interval(secs => $1) AS is_silent,
         (SELECT count(*)::int FROM jobs.jobs j WHERE j.worker_id = w.id AND j.status = 'running') AS running
       FROM jobs.workers w WHERE w.ended_at IS NULL ORDER BY w.registered_at, w.id`,
      [LEASE_SECONDS],
    );
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
