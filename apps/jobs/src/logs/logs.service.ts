import { validationFailed } from '@darb/service-kit';
import type { Actor } from '@darb/service-kit';
import { Injectable, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { JobsService } from '../jobs/jobs.service.js';
import { OpenResponse } from '../streams/open-response.js';
import { StreamKeeper } from '../streams/stream-keeper.js';
import { formatLogPosition, parseLogPosition } from './log-position.js';
import { LogReader } from './log-reader.js';
import type { LogRecord } from './log-records.js';
import { LogStreamer } from './log-streamer.js';
import { logFileName, writeLog } from './log-text.js';
import type { ReadLogQuery } from './logs.dto.js';

@Injectable()
export class LogsService {
  private readonly logger = new Logger('LogsService');

  constructor(
    private readonly jobs: JobsService,
    private readonly reader: LogReader,
    private readonly streamer: LogStreamer,
    private readonly keeper: StreamKeeper,
  ) {}

  /** Sends the log so far, as text or NDJSON, chunk by chunk: it may be larger than what fits in memory. */
  async read(
    actor: Actor,
    jobId: string,
    query: ReadLogQuery,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const job = await this.jobs.get(actor, jobId);
    const records = await this.choose(jobId, query);
    const format = query.format ?? 'text';
    const isFile = query.compress === 'gzip';
    const isCompressed = isFile || acceptsGzip(request.headers['accept-encoding']);
    const type = format === 'ndjson' ? 'application/x-ndjson' : 'text/plain';
    const headers: Record<string, string> = {
      'content-type': isFile ? 'application/gzip' : `${type}; charset=utf-8`,
      'cache-control': 'no-cache, no-transform',
      'x-content-type-options': 'nosniff',
      vary: 'accept-encoding',
    };
    if (isCompressed && !isFile) headers['content-encoding'] = 'gzip';
    if (query.download)
      headers['content-disposition'] =
        `attachment; filename="${logFileName(job, { format, isCompressed: isFile })}"`;
    const response = OpenResponse.open(request, reply, headers, isCompressed);
    try {
      const selection = { format, search: query.q, limit: query.limit ?? query.tail };
      for await (const text of writeLog(records, selection, response.signal)) {
        await response.write(text);
      }
      response.end();
    } catch (error) {
      // The answer has begun, so it can't become a problem: the reader sees that it broke off.
      this.logger.warn(`A log broke off: ${(error as Error).message}`);
      response.cut();
    }
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
      (stream) =>
        this.streamer.send(stream, { actor, jobId }, parseLogPosition(lastEventId), formatLogPosition),
      (current) => this.jobs.mayRead(current, jobId),
    );
  }

  private async choose(jobId: string, query: ReadLogQuery): Promise<AsyncIterable<LogRecord[]>> {
    if (query.tail !== undefined) {
      const other = (['from_seq', 'limit', 'q'] as const).find((name) => query[name] !== undefined);
      if (other) throw validationFailed([notBesideTail(other)]);
      return this.reader.readEnd(jobId, query.tail, query.epoch ?? null);
    }
    const isOneEpoch = query.epoch !== undefined || query.from_seq !== undefined;
    const epoch = query.epoch ?? (query.from_seq === undefined ? 1 : await this.reader.latestEpoch(jobId));
    return this.reader.read(jobId, { epoch, seq: (query.from_seq ?? 1) - 1 }, isOneEpoch);
  }
}

function notBesideTail(field: string): { field: string; code: string; message: string } {
  return { field, code: 'not_beside_tail', message: `can't be given together with tail: leave one out` };
}

/** Whether a client that sent this Accept-Encoding takes gzip. */
function acceptsGzip(header: string | string[] | undefined): boolean {
  return String(header ?? '')
    .toLowerCase()
    .split(',')
    .some((coding) => /^\s*(gzip|\*)\s*(;(?!\s*q=0(\.0*)?\s*$).*)?$/.test(coding));
}
