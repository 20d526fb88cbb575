import { closeEpochLog } from '@darb/ledger';
import type { LostEpoch } from '@darb/ledger';
import type { LogLine } from '@darb/models';
import { Problem } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import { Valkey } from '../infrastructure/valkey.js';
import { checkChunk, encodeChunk } from './log-records.js';
import type { LogRecord } from './log-records.js';
import { LogsRepository } from './logs.repository.js';

/** Keeps a chunk that jobs writes about as large as a worker's. */
const RECORDS_PER_CHUNK = 2_000;
const LOST_NOTE = 'The worker that ran this job was lost; the log of this attempt ends here.';

@Injectable()
export class LogWriter {
  constructor(
    private readonly logs: LogsRepository,
    private readonly valkey: Valkey,
  ) {}

  /**
   * Stores a worker's chunk; sending the same one again changes nothing.
   * @throws Problem 409 `stale_epoch`, 422 `bad_log_chunk`
   */
  async append(
    claimed: { jobId: string; epoch: number; workerId: string },
    sent: { firstSeq: number; lastSeq: number; data: Buffer },
  ): Promise<void> {
    const chunk = await checkChunk(sent.data, { ...sent, epoch: claimed.epoch });
    const outcome = await this.logs.appendChunk(claimed.jobId, claimed.epoch, claimed.workerId, chunk);
    if (outcome === 'refused') {
      throw new Problem(409, 'stale_epoch', 'This claim of the job is over: stop, and change nothing more.');
    }
  }

  /**
   * Ends the log of a worker that was lost: what only the live tail has is copied to Postgres, a line says what
   * happened, and nobody may add to the epoch any more.
   * @param isTailGivenUp write the end without the tail, because Valkey has been away for too long
   */
  async closeLost(lost: LostEpoch, isTailGivenUp: boolean): Promise<void> {
    const tail = isTailGivenUp ? [] : await this.valkey.tail.read(lost.jobId, lost.epoch, 0);
    await this.logs.transaction(async (tx) => {
      const storedSeq = await this.logs.lockOpenEpoch(tx, lost.jobId, lost.epoch);
      if (storedSeq === null) return;
      const records = withoutHoles(tail, lost.epoch, storedSeq);
      const lastSeq = (tail.at(-1)?.seq ?? 0) > storedSeq ? tail.at(-1)!.seq : storedSeq;
      records.push(note(lost.epoch, lastSeq + 1));
      for (let from = 0; from < records.length; from += RECORDS_PER_CHUNK) {
        const chunk = await encodeChunk(records.slice(from, from + RECORDS_PER_CHUNK));
        await this.logs.insertChunk(tx, lost.jobId, lost.epoch, chunk);
      }
      await closeEpochLog(tx, lost, lastSeq + 1);
    });
    // Whoever follows has it from Postgres now; a tail that stays expires by itself.
    await this.valkey.tail.drop(lost.jobId, lost.epoch).catch(() => undefined);
  }
}

/** The tail's lines after `afterSeq`; lines that it has lost are said, because they will never come. */
function withoutHoles(tail: readonly LogLine[], epoch: number, afterSeq: number): LogRecord[] {
  const records: LogRecord[] = [];
  let last = afterSeq;
  for (const line of tail) {
    if (line.seq <= last) continue;
    if (line.seq > last + 1) records.push({ epoch, from: last + 1, to: line.seq - 1, bytes: 0 });
    records.push(line);
    last = line.seq;
  }
  return records;
}

function note(epoch: number, seq: number): LogLine {
  return { seq, epoch, time: new Date().toISOString(), stream: 'darb', phase: null, text: LOST_NOTE };
}
