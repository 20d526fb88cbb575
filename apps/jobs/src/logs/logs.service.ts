import { Readable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import type { Actor } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { JobsService } from '../jobs/jobs.service.js';
import { StreamKeeper } from '../streams/stream-keeper.js';
import { formatLogPosition, parseLogPosition } from './log-position.js';
import { LogReader } from './log-reader.js';
import { isGap, spanOf } from './log-records.js';
import type { LogRecord } from './log-records.js';
import type { ReadLogQuery } from './logs.dto.js';

@Injectable()
export class LogsService {
  constructor(
    private readonly jobs: JobsService,
    private readonly reader: LogReader,
    private readonly keeper: StreamKeeper,
  ) {}

  /** Sends the log so far, as text or NDJSON, chunk by chunk: it may be larger than what fits in memory. */
  async read(actor: Actor, jobId: string, query: ReadLogQuery, reply: FastifyReply): Promise<void> {
    await this.jobs.get(actor, jobId);
    const fromSeq = query.from_seq ?? 1;
    const onlyOneEpoch = query.epoch !== undefined || query.from_seq !== undefined;
    const epoch = query.epoch ?? (query.from_seq === undefined ? 1 : await this.reader.latestEpoch(jobId));
    const records = this.reader.read(jobId, { epoch, seq: fromSeq - 1 }, onlyOneEpoch);
    const write = query.format === 'ndjson' ? toNdjson : toText;
    const type = query.format === 'ndjson' ? 'application/x-ndjson' : 'text/plain';
    await reply
      .header('content-type', `${type}; charset=utf-8`)
      .header('cache-control', 'no-cache, no-transform')
      .header('x-content-type-options', 'nosniff')
      .send(Readable.from(render(records, query, write), { objectMode: false }));
  }

  async stream(
    actor: Actor,
    jobId: string,
    lastEventId: string | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    await this.jobs.get(actor, jobId);
    await this.keeper.run(
      actor,
      request,
      reply,
      async (stream) => {
        for await (const records of this.reader.follow(jobId, parseLogPosition(lastEventId), stream.signal)) {
          const events = records.map((record) => ({
            id: formatLogPosition({ epoch: record.epoch, seq: spanOf(record)[1] }),
            event: isGap(record) ? 'gap' : 'line',
            data: record,
          }));
          await stream.send(events);
        }
        if (stream.signal.aborted) return;
        await stream.send([{ event: 'end', data: await this.jobs.get(actor, jobId) }]);
      },
      (current) => this.jobs.mayRead(current, jobId),
    );
  }
}

async function* render(
  batches: AsyncIterable<LogRecord[]>,
  { q, limit }: ReadLogQuery,
  write: (record: LogRecord) => string,
): AsyncGenerator<string> {
  const wanted = q?.toLowerCase();
  let left = limit ?? Infinity;
  for await (const batch of batches) {
    const matching = wanted === undefined ? batch : batch.filter((record) => contains(record, wanted));
    const taken = matching.slice(0, left);
    left -= taken.length;
    if (taken.length > 0) yield taken.map(write).join('');
    if (left <= 0) return;
  }
}

function contains(record: LogRecord, wanted: string): boolean {
  return !isGap(record) && stripVTControlCharacters(record.text).toLowerCase().includes(wanted);
}

function toNdjson(record: LogRecord): string {
  return `${JSON.stringify(record)}\n`;
}

function toText(record: LogRecord): string {
  if (!isGap(record)) return `${record.text}\n`;
  const count = record.to - record.from + 1;
  const size = record.bytes > 0 ? `, ${record.bytes} bytes` : '';
  return `[${count} lines are missing here${size}]\n`;
}
