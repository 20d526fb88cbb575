import type { LogLine } from '@darb/models';
import type { Redis } from 'ioredis';
import { tailKey } from './names.js';

/** About 16 MB at the 16 KB chunks of a worker; it trims what is acknowledged long before that. */
const MAX_ENTRIES = 1_024;
/** Only for tails that nobody drops: the worker stores lines in Postgres every 2 s. */
const TAIL_TTL_SECONDS = 3_600;
const NOT_RISING = 'equal or smaller than the target stream top item';

/**
 * The newest lines of one (job, epoch), for readers who follow along. It may lose lines (Valkey wiped, length
 * limit): a reader sees that by a jump in `seq` and goes to Postgres.
 *
 * A stream entry is one appended batch, its id is the last seq in it, so that "after seq n" and "trim through n"
 * are plain id ranges and a repeated append is refused by Valkey itself.
 */
export class LogTail {
  constructor(
    private readonly redis: Redis,
    private readonly prefix: string,
  ) {}

  /**
   * Adds lines (rising seq) and wakes their readers. Answers false when Valkey could not take them: the caller
   * goes on, the acknowledged chunks carry the same lines.
   */
  async append(jobId: string, epoch: number, lines: readonly LogLine[]): Promise<boolean> {
    const last = lines.at(-1);
    if (!last) return true;
    const key = tailKey(this.prefix, jobId, epoch);
    try {
      const results = await this.redis
        .pipeline()
        .xadd(key, 'MAXLEN', '~', MAX_ENTRIES, `${last.seq}-0`, 'lines', JSON.stringify(lines))
        .expire(key, TAIL_TTL_SECONDS)
        .publish(key, '')
        .exec();
      const error = results?.[0]?.[0];
      return !error || error.message.includes(NOT_RISING);
    } catch {
      return false;
    }
  }

  /** Forgets lines up to `throughSeq`. Call it only when jobs has acknowledged them. */
  async trim(jobId: string, epoch: number, throughSeq: number): Promise<void> {
    await this.redis.xtrim(tailKey(this.prefix, jobId, epoch), 'MINID', `${throughSeq + 1}-0`);
  }

  /** Lines with seq > `afterSeq` that are still here, in order. */
  async read(jobId: string, epoch: number, afterSeq: number): Promise<LogLine[]> {
    const entries = await this.redis.xrange(tailKey(this.prefix, jobId, epoch), `${afterSeq + 1}-0`, '+');
    return entries
      .flatMap(([, fields]) => JSON.parse(fields[1] ?? '[]') as LogLine[])
      .filter((line) => line.seq > afterSeq);
  }

  /** Deletes the whole tail: the epoch is over and Postgres has everything. */
  async drop(jobId: string, epoch: number): Promise<void> {
    await this.redis.del(tailKey(this.prefix, jobId, epoch));
  }
}
