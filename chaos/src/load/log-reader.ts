/** Somebody who follows a log and loses the connection now and then. */
import { setTimeout as delay } from 'node:timers/promises';
import { streamEvents } from '@darb/api-client';
import type { Findings } from '../findings.js';
import type { Random } from '../random.js';
import type { Client } from './client.js';
import type { History } from './history.js';

/** A line or a gap, as it was sent. */
export interface LogRecord {
  epoch: number;
  seq?: number;
  from?: number;
  to?: number;
  text?: string;
}

export interface ReadLog {
  jobId: string;
  records: LogRecord[];
  connections: number;
  isEnded: boolean;
}

const LONGEST_CONNECTION_MS = 8_000;

export class LogReader {
  readonly read: ReadLog[] = [];
  private readonly running = new Set<Promise<void>>();

  constructor(
    private readonly url: string,
    private readonly history: History,
    private readonly findings: Findings,
  ) {}

  get activeCount(): number {
    return this.running.size;
  }

  follow(client: Client, jobId: string, random: Random, signal: AbortSignal): void {
    const log: ReadLog = { jobId, records: [], connections: 0, isEnded: false };
    this.read.push(log);
    const work = this.followToTheEnd(client, log, random, signal);
    this.running.add(work);
    void work.finally(() => this.running.delete(work));
  }

  /** Waits until every stream has said `end`. */
  async ended(): Promise<void> {
    await Promise.all(this.running);
  }

  private async followToTheEnd(
    client: Client,
    log: ReadLog,
    random: Random,
    signal: AbortSignal,
  ): Promise<void> {
    let lastEventId: string | undefined;
    while (!log.isEnded && !signal.aborted) {
      log.connections += 1;
      const isPatient = random.chance(0.3);
      const own = AbortSignal.timeout(isPatient ? 120_000 : random.integer(50, LONGEST_CONNECTION_MS));
      try {
        const events = streamEvents(`${this.url}/api/v1/jobs/${log.jobId}/logs/stream`, {
          token: await client.currentToken(),
          ...(lastEventId ? { lastEventId } : {}),
          signal: AbortSignal.any([own, signal]),
        });
        const askedAt = Date.now();
        for await (const { event, id, data } of events) {
          if (event === 'end') {
            log.isEnded = true;
            this.history.sawJob(JSON.parse(data), askedAt);
          } else if (event === 'line' || event === 'gap') {
            log.records.push(JSON.parse(data));
            lastEventId = id;
          }
          // Some close the page in the middle of a burst.
          if (!isPatient && random.chance(0.02)) break;
        }
      } catch (error) {
        this.audit(error, log.jobId);
      }
      if (!log.isEnded) await delay(random.integer(10, 600));
    }
  }

  private audit(error: unknown, jobId: string): void {
    const status = (error as { status?: unknown }).status;
    if (typeof status !== 'number') return;
    this.history.count(`stream ${status}`);
    const isWrong = status === 500 || status === 401 || status === 404;
    const text = `The log stream of a job answered ${status}.`;
    this.findings.expect('answers', !isWrong, text, {
      jobId,
      problem: (error as { problem?: unknown }).problem,
    });
  }
}
