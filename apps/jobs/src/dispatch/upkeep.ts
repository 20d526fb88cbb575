import { storeRetention } from '@darb/ledger';
import { TreeRetentionConfig, Shutdown } from '@darb/service-kit';
import { Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap } from '@nestjs/common';
import { JobsConfig } from '../config.js';
import { DispatchRepository } from './dispatch.repository.js';
import { repeat } from './repeat.js';

const STORES_EVERY_MS = 5_000;
const ROWS_EVERY_MS = 60_000;

/** Keeps disks and tables small: asks for work on stores when it is due, and removes rows that nothing needs. */
@Injectable()
export class Upkeep implements OnApplicationBootstrap {
  private readonly logger = new Logger('Upkeep');

  constructor(
    private readonly dispatches: DispatchRepository,
    private readonly config: JobsConfig,
    retention: TreeRetentionConfig,
    private readonly shutdown: Shutdown,
  ) {
    storeRetention.treeSeconds = retention.treeRetentionSeconds;
  }

  onApplicationBootstrap(): void {
    const { signal } = this.shutdown;
    void repeat(STORES_EVERY_MS, 'Looking for work on stores', signal, this.logger, () => this.askForWork());
    void repeat(ROWS_EVERY_MS, 'Removing old rows', signal, this.logger, () => this.sweep());
  }

  private async askForWork(): Promise<void> {
    const due = await this.dispatches.dueStoreWork({
      collectSeconds: this.config.storeCollectSeconds,
      verifySeconds: this.config.storeVerifySeconds,
      repairSeconds: this.config.storeRepairSeconds,
    });
    for (const work of due) {
      const job = await this.dispatches.requestStoreWork(work);
      this.logger.log({
        event: 'store_work_requested',
        store_id: work.storeId,
        type: work.type,
        job_id: job.id,
      });
    }
  }

  private async sweep(): Promise<void> {
    const swept = await this.dispatches.sweepRows({
      claimSeconds: this.config.claimRetentionSeconds,
      workerSeconds: this.config.workerRetentionSeconds,
      documentSeconds: this.config.documentRetentionSeconds,
    });
    if (Object.values(swept).some((count) => count > 0)) this.logger.log({ event: 'rows_swept', ...swept });
  }
}
