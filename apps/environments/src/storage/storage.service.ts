import { LedgerError, toJobObject } from '@darb/ledger';
import type { JobObject } from '@darb/ledger';
import type { StoreChange } from '@darb/models';
import { notFound, Problem, TreeRetentionConfig } from '@darb/service-kit';
import type { Answer } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../environments/environments.service.js';
import type { StorageDto, StoreDto } from './storage.dto.js';
import { StorageRepository } from './storage.repository.js';
import type { StoreRow } from './storage.repository.js';

@Injectable()
export class StorageService {
  constructor(
    private readonly storage: StorageRepository,
    private readonly retention: TreeRetentionConfig,
  ) {}

  async summarize(): Promise<StorageDto> {
    const { treeRetentionSeconds } = this.retention;
    const stores = await this.storage.stores(treeRetentionSeconds);
    return { stores: stores.map(toStore), retention: { tree_seconds: treeRetentionSeconds } };
  }

  async request(
    caller: Caller,
    change: StoreChange,
    storeId: string | undefined,
  ): Promise<Answer<{ jobs: JobObject[] }>> {
    const storeIds = storeId === undefined ? await this.storage.storeIds() : [storeId];
    if (storeIds.length === 0) {
      throw new Problem(409, 'no_worker', 'No store has a worker: start one, then try again.');
    }
    const requester = { userId: caller.actor.userId, address: caller.address };
    return this.storage
      .request(storeIds, change, requester, caller.idempotency, (jobs) => ({
        status: 202,
        body: { jobs: jobs.map(toJobObject) },
      }))
      .catch((error: unknown) => {
        throw error instanceof LedgerError && error.code === 'store_not_found' ? notFound('store') : error;
      });
  }
}

function toStore(row: StoreRow): StoreDto {
  return {
    id: row.id,
    root: row.root,
    free_bytes: row.space?.free_bytes ?? null,
    total_bytes: row.space?.total_bytes ?? null,
    live_workers: row.live_workers,
    trees: { count: row.tree_count, bytes: Number(row.tree_bytes) },
    damaged: { count: row.damaged_count, bytes: Number(row.damaged_bytes) },
    collectable: { count: row.collectable_count, bytes: Number(row.collectable_bytes) },
    last_collection:
      row.collection_id === null || row.collection_finished_at === null
        ? null
        : {
            job_id: row.collection_id,
            finished_at: row.collection_finished_at.toISOString(),
            result: row.collection_result,
          },
    verified_at: row.verified_at?.toISOString() ?? null,
  };
}
