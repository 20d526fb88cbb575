import { firstRow, rows } from '@darb/ledger';
import type { Queryable } from '@darb/ledger';
import type { JobStatus } from '@darb/models';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { LogPosition } from './log-position.js';
import type { EncodedChunk } from './log-records.js';

/** What is known of one epoch's log. */
export interface EpochLog {
  epoch: number;
  /** Nobody writes to it any more: Postgres has all there will ever be. */
  isClosed: boolean;
  /** Seq of the last line, as far as the worker said; lines of the publish phase may follow. */
  announcedSeq: number;
  /** Last seq that Postgres has. */
  storedSeq: number;
  /** What there was before it was removed because of its age; null when it is still there. */
  removed: { lastSeq: number; bytes: number } | null;
}

export interface JobLog {
  status: JobStatus;
  epochs: Map<number, EpochLog>;
}

interface DescribedRow {
  status: JobStatus;
  epoch: number | null;
  is_closed: boolean;
  announced: string | null;
  stored: string | null;
  removed_seq: string | null;
  removed_bytes: string | null;
}

const CHUNKS_PER_READ = 8;
const PLACES_PER_READ = 200;
/** Above every epoch, and above every seq once the epoch is taken into account. */
const MOST_INT = 2 ** 31 - 1;
/** A lost worker's epoch stays open until jobs has copied its live tail. */
const IS_CLOSED = `(c.job_id IS NULL OR r.job_id IS NOT NULL OR c.log_closed_at IS NOT NULL
  OR (c.ended_at IS NOT NULL AND c.end_reason <> 'lost'))`;

function toEpochLog(row: DescribedRow): EpochLog {
  return {
    epoch: row.epoch!,
    isClosed: row.is_closed,
    announcedSeq: Number(row.announced ?? 0),
    storedSeq: Number(row.stored ?? 0),
    removed:
      row.removed_seq === null
        ? null
        : { lastSeq: Number(row.removed_seq), bytes: Number(row.removed_bytes) },
  };
}

@Injectable()
export class LogsRepository {
  constructor(private readonly database: DataSource) {}

  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    return this.database.transaction(work);
  }

  /** State of a job's log, null when there is no such job. */
  async describe(jobId: string): Promise<JobLog | null> {
    const found = await rows<DescribedRow>(
      this.database,
      `SELECT j.status, e.epoch, ${IS_CLOSED} AS is_closed, c.log_last_seq AS announced, chunk.last_seq AS stored,
              r.last_seq AS removed_seq, r.text_bytes AS removed_bytes
       FROM jobs.jobs j
       LEFT JOIN LATERAL (
         SELECT epoch FROM jobs.claims WHERE job_id = j.id
         UNION SELECT epoch FROM jobs.removed_logs WHERE job_id = j.id
       ) e ON true
       LEFT JOIN jobs.claims c ON c.job_id = j.id AND c.epoch = e.epoch
       LEFT JOIN jobs.removed_logs r ON r.job_id = j.id AND r.epoch = e.epoch
       LEFT JOIN LATERAL (
         SELECT last_seq FROM jobs.log_chunks l WHERE l.job_id = j.id AND l.epoch = e.epoch
         ORDER BY first_seq DESC LIMIT 1
       ) chunk ON true
       WHERE j.id = $1 ORDER BY e.epoch`,
      [jobId],
    );
    if (!found[0]) return null;
    const logs = found.filter((row) => row.epoch !== null).map(toEpochLog);
    return { status: found[0].status, epochs: new Map(logs.map((log) => [log.epoch, log])) };
  }

  /**
   * A place from which on at least `count` lines are stored, or all there are; and how many that is.
   * @param epoch only this one; null for all of them
   */
  async placeBeforeEnd(
    jobId: string,
    count: number,
    epoch: number | null,
  ): Promise<{ from: LogPosition; lineCount: number }> {
    let place: LogPosition = { epoch: epoch ?? 1, seq: 0 };
    let lineCount = 0;
    let before = [MOST_INT, MOST_INT];
    while (true) {
      const found = await rows<{ epoch: number; first_seq: string; line_count: number }>(
        this.database,
        `SELECT epoch, first_seq, line_count FROM jobs.log_chunks
         WHERE job_id = $1 AND (epoch, first_seq) < ($2, $3) AND ($4::int IS NULL OR epoch = $4)
         ORDER BY epoch DESC, first_seq DESC LIMIT ${PLACES_PER_READ}`,
        [jobId, ...before, epoch],
      );
      for (const chunk of found) {
        place = { epoch: chunk.epoch, seq: Number(chunk.first_seq) - 1 };
        lineCount += chunk.line_count;
        if (lineCount >= count) return { from: place, lineCount };
      }
      if (found.length < PLACES_PER_READ) return { from: place, lineCount };
      before = [place.epoch, place.seq + 1];
    }
  }

  /** The next stored chunks that hold lines after `afterSeq`, in order; none when there are no more. */
  async chunksAfter(jobId: string, epoch: number, afterSeq: number): Promise<Buffer[]> {
    // The chunk around afterSeq is found by its key, so that a long log is not walked from its beginning.
    const found = await rows<{ data: Buffer }>(
      this.database,
      `SELECT data FROM jobs.log_chunks
       WHERE job_id = $1 AND epoch = $2 AND last_seq > $3 AND first_seq >= coalesce((
         SELECT first_seq FROM jobs.log_chunks
         WHERE job_id = $1 AND epoch = $2 AND first_seq <= $3 + 1 ORDER BY first_seq DESC LIMIT 1
       ), 0)
       ORDER BY first_seq LIMIT ${CHUNKS_PER_READ}`,
      [jobId, epoch, afterSeq],
    );
    return found.map(({ data }) => data);
  }

  /**
   * Stores a chunk of the worker that holds the epoch.
   * @returns `stored`, `repeated` when its first_seq is there already, `refused` when the epoch is over or another's.
   */
  async appendChunk(
    jobId: string,
    epoch: number,
    workerId: string,
    chunk: EncodedChunk,
  ): Promise<'stored' | 'repeated' | 'refused'> {
    const [stored] = await rows(
      this.database,
      `INSERT INTO jobs.log_chunks (job_id, epoch, first_seq, last_seq, line_count, text_bytes, data)
       SELECT c.job_id, c.epoch, $4, $5, $6, $7, $8 FROM jobs.claims c
       WHERE c.job_id = $1 AND c.epoch = $2 AND c.worker_id = $3 AND c.log_closed_at IS NULL AND c.ended_at IS NULL
       FOR SHARE OF c
       ON CONFLICT (job_id, epoch, first_seq) DO NOTHING RETURNING 1`,
      [jobId, epoch, workerId, chunk.firstSeq, chunk.lastSeq, chunk.lineCount, chunk.textBytes, chunk.data],
    );
    if (stored) return 'stored';
    const repeated = await firstRow(
      this.database,
      `SELECT 1 FROM jobs.log_chunks l JOIN jobs.claims c ON c.job_id = l.job_id AND c.epoch = l.epoch
       WHERE l.job_id = $1 AND l.epoch = $2 AND l.first_seq = $3 AND c.worker_id = $4`,
      [jobId, epoch, chunk.firstSeq, workerId],
    );
    return repeated ? 'repeated' : 'refused';
  }

  /** Locks an epoch that nobody has closed yet against its writers; answers the last stored seq, else null. */
  async lockOpenEpoch(tx: Queryable, jobId: string, epoch: number): Promise<number | null> {
    const open = await firstRow(
      tx,
      `SELECT 1 FROM jobs.claims WHERE job_id = $1 AND epoch = $2 AND log_closed_at IS NULL FOR UPDATE`,
      [jobId, epoch],
    );
    if (!open) return null;
    const last = await firstRow<{ last_seq: string }>(
      tx,
      `SELECT last_seq FROM jobs.log_chunks WHERE job_id = $1 AND epoch = $2 ORDER BY first_seq DESC LIMIT 1`,
      [jobId, epoch],
    );
    return Number(last?.last_seq ?? 0);
  }

  /** Adds what jobs itself has to say to an epoch that it holds locked. */
  async insertChunk(tx: Queryable, jobId: string, epoch: number, chunk: EncodedChunk): Promise<void> {
    await tx.query(
      `INSERT INTO jobs.log_chunks (job_id, epoch, first_seq, last_seq, line_count, text_bytes, data)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [jobId, epoch, chunk.firstSeq, chunk.lastSeq, chunk.lineCount, chunk.textBytes, chunk.data],
    );
  }
}
