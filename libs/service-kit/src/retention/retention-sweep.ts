import { setTimeout as delay } from 'node:timers/promises';
import type { OnApplicationBootstrap } from '@nestjs/common';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DataSource } from 'typeorm';
import { ServiceInfo } from '../boot/service-info.js';
import { Shutdown } from '../boot/shutdown.js';
import { RetentionConfig } from '../config/groups.js';

/** Rows of one statement: few enough to hold no lock for long, and to be written again soon if the process dies. */
const BATCH_ROWS = 1_000;
/** What is left after so many batches waits for the next sweep: old rows must not keep a database busy. */
const MOST_BATCHES = 200;
/** The first sweep is in the first minutes, at another moment in each replica. */
const EARLIEST_FIRST_MS = 60_000;
const LATEST_FIRST_MS = 300_000;

/** Rows deleted, by what they were: `{ sessions: 12, refresh_tokens: 340 }`. */
export type DeletedRows = Record<string, number>;

/** What one service keeps only for a time. */
export interface RetentionRule {
  /** Deletes at most `limit` rows of each kind that nothing needs any more; all zero when there are none left. */
  deleteBatch: (tx: EntityManager, limit: number) => Promise<DeletedRows>;
}

export const RETENTION_RULES = Symbol('darb:retention-rules');

/** Removes what is older than its retention, now and then, in small transactions, in one replica at a time. */
@Injectable()
export class RetentionSweep implements OnApplicationBootstrap {
  private readonly logger = new Logger('RetentionSweep');
  private readonly lockName: string;

  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(RETENTION_RULES) private readonly rules: RetentionRule[],
    @Inject(RetentionConfig) private readonly config: RetentionConfig,
    @Inject(Shutdown) private readonly shutdown: Shutdown,
    @Inject(ServiceInfo) service: ServiceInfo,
  ) {
    this.lockName = `darb ${service.name} retention`;
  }

  onApplicationBootstrap(): void {
    void this.repeat();
  }

  /**
   * One sweep. Null when another replica is at it.
   * @throws the database's error; what was deleted before it stays deleted
   */
  async sweep(): Promise<DeletedRows | null> {
    const startedAt = performance.now();
    const total: DeletedRows = {};
    for (const rule of this.rules) {
      for (let batch = 0; batch < MOST_BATCHES && !this.shutdown.isStopping; batch += 1) {
        const deleted = await this.deleteBatch(rule);
        if (!deleted) return null;
        for (const [kind, rows] of Object.entries(deleted)) total[kind] = (total[kind] ?? 0) + rows;
        if (Object.values(deleted).every((rows) => rows === 0)) break;
      }
    }
    this.logger.log({
      event: 'retention_swept',
      ...Object.fromEntries(Object.entries(total).map(([kind, rows]) => [`deleted_${kind}`, rows])),
      duration_ms: Math.round(performance.now() - startedAt),
    });
    return total;
  }

  /** Null when another replica holds the lock, which ends with the transaction, however that ends. */
  private deleteBatch(rule: RetentionRule): Promise<DeletedRows | null> {
    return this.database.transaction(async (tx) => {
      const [lock] = await tx.query<{ held: boolean }[]>(
        'SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS held',
        [this.lockName],
      );
      return lock?.held ? rule.deleteBatch(tx, BATCH_ROWS) : null;
    });
  }

  private async repeat(): Promise<void> {
    const { signal } = this.shutdown;
    let waitMs = EARLIEST_FIRST_MS + Math.random() * (LATEST_FIRST_MS - EARLIEST_FIRST_MS);
    while (!signal.aborted) {
      await delay(waitMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      await this.sweep().catch((error: Error) => {
        if (!signal.aborted) this.logger.warn(`A sweep broke off and is tried again: ${error.message}`);
      });
      waitMs = this.config.sweepMinutes * 60_000 * (0.9 + Math.random() / 5);
    }
  }
}

/** A rule for one DELETE, in which `$1` is the most rows. */
export function deleteRule(kind: string, sql: string, parameters: unknown[] = []): RetentionRule {
  return {
    deleteBatch: async (tx, limit) => ({ [kind]: await deletedRows(tx, sql, [limit, ...parameters]) }),
  };
}

/** Runs a DELETE; TypeORM returns [rows, count] for it. */
export async function deletedRows(tx: EntityManager, sql: string, parameters: unknown[]): Promise<number> {
  const [, count] = await tx.query<[unknown[], number]>(sql, parameters);
  return count;
}
