import type { Actor } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import { patiently } from '../infrastructure/patiently.js';
import { JobsService } from '../jobs/jobs.service.js';
import type { ServerSentEvent, SseStream } from '../streams/sse-stream.js';
import { LogReader } from './log-reader.js';
import type { LogPosition } from './log-position.js';
import { isGap, spanOf } from './log-records.js';

/** Sends a job's log as server-sent events: `line` and `gap`, and `end` with the job. */
@Injectable()
export class LogStreamer {
  constructor(
    private readonly reader: LogReader,
    private readonly jobs: JobsService,
  ) {}

  /**
   * Sends what comes after `from`; resolves after `end`, or when the stream has aborted.
   * @param idAt the id of an event with which the reader has got to this place
   */
  async send(
    stream: SseStream,
    { actor, jobId }: { actor: Actor; jobId: string },
    from: LogPosition,
    idAt: (position: LogPosition) => string,
  ): Promise<void> {
    const { signal } = stream;
    let position = from;
    for await (const records of this.reader.follow(jobId, from, signal)) {
      const events: ServerSentEvent[] = [];
      for (const record of records) {
        position = { epoch: record.epoch, seq: spanOf(record)[1] };
        events.push({ id: idAt(position), event: isGap(record) ? 'gap' : 'line', data: record });
      }
      await stream.send(events);
    }
    if (signal.aborted) return;
    const job = await patiently(() => this.jobs.get(actor, jobId), signal);
    await stream.send([{ id: idAt(position), event: 'end', data: job }]);
  }
}
