import { COLLECTABLE_COPY, requestJob, rows } from '@darb/ledger';
import type { Requester } from '@darb/ledger';
import { LEASE_SECONDS } from '@darb/models';
import type { StoreChange, StoreSpace } from '@darb/models';
import type { Job } from '@darb/models/entities';
import { Idempotency } from '@darb/service-kit';
import type { Answer, IdempotentRequest } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** One store with its counts. bigint columns arrive as text. */
export interface StoreRow {
  id: string;
  root: string;
  verified_at: Date | null;
  space: StoreSpace | null;
  live_workers: number;
  tree_count: number;
  tree_bytes: string;
  damaged_count: number;
  damaged_bytes: string;
  collectable_count: number;
  collectable_bytes: string;
  collection_id: string | null;
  collection_finished_at: Date | null;
  collection_result: Record<string, unknown> | null;
}

@Injectable()
export class StorageRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly idempotency: Idempotency,
  ) {}

  stores(treeRetentionSeconds: number): Promise<StoreRow[]> {
    return rows<StoreRow>(
      this.dataSource,
      `SELECT s.id, s.root, s.verified_at, worker.space, live.count AS live_workers,
         copies.tree_count, copies.tree_bytes, copies.damaged_count, copies.damaged_bytes,
         copies.collectable_count, copies.collectable_bytes,
         last.id AS collection_id, last.finished_at AS collection_finished_at, last.result AS collection_result
       FROM environments.stores s
       LEFT JOIN LATERAL (
         SELECT w.space FROM jobs.workers w WHERE w.store_id = s.id AND w.space IS NOT NULL
         ORDER BY w.heartbeat_at DESC LIMIT 1
       ) worker ON true
       LEFT JOIN LATERAL (
         SELECT count(*)::int AS count FROM jobs.workers w WHERE w.store_id = s.id AND w.ended_at IS NULL
           AND w.heartbeat_at > now() - make_interval(secs => $1)
       ) live ON true
       LEFT JOIN LATERAL (
         SELECT count(*) FILTER (WHERE c.state = 'ready')::int AS tree_count,
           coalesce(sum(a.size_bytes) FILTER (WHERE c.state = 'ready'), 0) AS tree_bytes,
           count(*) FILTER (WHERE c.is_missing)::int AS damaged_count,
           coalesce(sum(a.size_bytes) FILTER (WHERE c.is_missing), 0) AS damaged_bytes,
           count(*) FILTER (WHERE c.state = 'deleting' OR c.is_collectable)::int AS collectable_count,
           coalesce(sum(a.size_bytes) FILTER (WHERE c.state = 'deleting' OR c.is_collectable), 0)
             AS collectable_bytes
         FROM (
           SELECT c.*, ${COLLECTABLE_COPY('make_interval(secs => $2)')} AS is_collectable,
             c.state = 'damaged' AND NOT EXISTS (
               SELECT 1 FROM environments.artifact_copies other
               WHERE other.artifact_id = c.artifact_id AND other.store_id = c.store_id AND other.state = 'ready'
             ) AS is_missing
           FROM environments.artifact_copies c WHERE c.store_id = s.id
         ) c JOIN environments.artifacts a ON a.id = c.artifact_id
       ) copies ON true
       LEFT JOIN LATERAL (
         SELECT j.id, j.finished_at, j.result FROM jobs.jobs j
         WHERE j.subject_id = s.id AND j.type = 'collect' AND j.status = 'completed'
           AND NOT (j.change->>'dry_run')::boolean
         ORDER BY j.created_at DESC LIMIT 1
       ) last ON true
       ORDER BY s.created_at, s.id`,
      [LEASE_SECONDS, treeRetentionSeconds],
    );
  }

  async storeIds(): Promise<string[]> {
    const found = await rows<{ id: string }>(
      this.dataSource,
      `SELECT s.id FROM environments.stores s WHERE EXISTS (
         SELECT 1 FROM jobs.workers w WHERE w.store_id = s.id AND w.ended_at IS NULL
       ) ORDER BY s.created_at, s.id`,
    );
    return found.map(({ id }) => id);
  }

  /** Requests the same work on several stores, all or none. */
  request<T>(
    storeIds: readonly string[],
    change: StoreChange,
    requester: Requester,
    idempotent: IdempotentRequest | null,
    toAnswer: (jobs: Job[]) => Answer<T>,
  ): Promise<Answer<T>> {
    return this.dataSource.transaction((tx) =>
      this.idempotency.run(tx, idempotent, async () => {
        const jobs: Job[] = [];
        for (const id of storeIds) {
          const { job } = await requestJob(tx, { subject: { type: 'store', id }, change, requester });
          jobs.push(job);
        }
        return toAnswer(jobs);
      }),
    );
  }
}
