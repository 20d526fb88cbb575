import { rows } from '@darb/ledger';
import type { ManagerReport } from '@darb/models';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

@Injectable()
export class PackageManagersRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** What the workers seen in the last 24 hours reported of their package managers, newest report first. */
  async reports(): Promise<ManagerReport[]> {
    const workers = await rows<{ managers: ManagerReport[] }>(
      this.dataSource,
      // A worker that registered anew supersedes what its name and store said before.
      `SELECT managers FROM (
         SELECT DISTINCT ON (name, store_id) managers, heartbeat_at FROM jobs.workers
         WHERE heartbeat_at > now() - interval '24 hours' ORDER BY name, store_id, registered_at DESC
       ) latest ORDER BY heartbeat_at DESC`,
    );
    return workers.flatMap((worker) => worker.managers);
  }
}
