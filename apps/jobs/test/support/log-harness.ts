import type { JobError, LogLine } from '@darb/models';
import { EventStream } from './event-stream.js';
import type { ReceivedEvent } from './event-stream.js';
import type { JobsStack } from './jobs-stack.js';
import type { ScriptedRun, ScriptedWorker } from './scripted-worker.js';

const error: JobError = { code: 'x', family: 'user', message: 'no', extract: null };
/** How the runs of these tests end: what a log has in it does not depend on it. */
export const FAILED = { outcome: 'failed', error } as const;

/** Runs jobs that write a log, and reads it. */
export class LogHarness {
  private worker: ScriptedWorker | undefined;

  constructor(private readonly stack: JobsStack) {}

  async run(script: (run: ScriptedRun) => Promise<void>): Promise<string> {
    this.worker = await this.stack.addWorker(script);
    return this.stack.request(await this.stack.addEnvironment());
  }

  async stop(): Promise<void> {
    await this.worker?.stop();
    this.worker = undefined;
  }

  /** A finished job with these lines. */
  async finished(...texts: string[]): Promise<string> {
    const id = await this.run(async (writer) => {
      await writer.say(...texts);
      await writer.finish(FAILED);
    });
    await this.stack.jobInStatus(id, 'failed');
    return id;
  }

  stream(jobId: string, lastEventId?: string, user = this.stack.owner): EventStream {
    return new EventStream(
      (headers, signal) => this.stack.fetch(`/api/v1/jobs/${jobId}/logs/stream`, { headers, signal }, user),
      lastEventId,
    );
  }

  read(jobId: string, query = '', headers: Record<string, string> = {}): Promise<Response> {
    return this.stack.fetch(`/api/v1/jobs/${jobId}/logs${query}`, { headers });
  }

  async text(jobId: string, query = ''): Promise<string> {
    return (await this.read(jobId, query)).text();
  }
}

export async function collect(stream: EventStream): Promise<ReceivedEvent[]> {
  const events = [];
  for await (const event of stream.events()) events.push(event);
  return events;
}

export function seqsOf(events: ReceivedEvent[]): number[] {
  return events.filter(({ event }) => event === 'line').map(({ data }) => (data as LogLine).seq);
}

/** 1 to `count`: what a complete log of one epoch has. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
