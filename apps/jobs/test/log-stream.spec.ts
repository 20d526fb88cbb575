import { connect } from 'node:net';
import type { LogGap, LogLine } from '@darb/models';
import { valkey, waitFor } from '@darb/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ReceivedEvent } from './support/event-stream.js';
import { JobsStack, WAIT } from './support/jobs-stack.js';
import { collect, FAILED, LogHarness, seqsOf, upTo } from './support/log-harness.js';
import type { ScriptedRun } from './support/scripted-worker.js';

const LINES = 4_000;

describe('the log of a job', () => {
  let stack: JobsStack;
  let logs: LogHarness;

  beforeAll(async () => {
    stack = await JobsStack.start();
    logs = new LogHarness(stack);
  });
  afterEach(() => logs.stop());
  afterAll(() => stack.stop());

  /** Writes like a worker: small batches to the tail, larger chunks to jobs, trimmed when acknowledged. */
  async function writeLikeAWorker(writer: ScriptedRun, count: number): Promise<void> {
    let waiting: LogLine[] = [];
    const flush = async () => {
      if (waiting.length === 0) return;
      const sent = waiting;
      waiting = [];
      expect((await writer.store(sent)).status).toBe(204);
      await writer.worker.tail.trim(writer.jobId, writer.claim.epoch, sent.at(-1)!.seq);
    };
    while (writer.seq < count) {
      const lines = writer.lines(
        Array.from({ length: 1 + Math.floor(Math.random() * 9) }, () => `line ${writer.seq + 1}`),
      );
      await writer.sayLive(lines);
      waiting.push(...lines);
      if (waiting.length > 100) await flush();
    }
    await flush();
  }

  it('streams what is there, follows what comes, and ends with the job', async () => {
    const stages = { more: false, end: false };
    const id = await logs.run(async (writer) => {
      await writer.say('stored');
      const live = writer.lines(['live']);
      await writer.sayLive(live);
      await waitFor(() => stages.more, WAIT);
      await writer.store(live);
      await writer.say('last');
      await waitFor(() => stages.end, WAIT);
      await writer.finish(FAILED);
    });
    await stack.jobInStatus(id, 'running');
    const stream = logs.stream(id);
    const seen: ReceivedEvent[] = [];
    for await (const event of stream.events()) {
      seen.push(event);
      // "live" comes before Postgres has it.
      if (seen.length === 2) stages.more = true;
      if (seen.length === 3) stages.end = true;
    }
    expect(seen.map(({ id: eventId, event }) => [eventId, event])).toEqual([
      ['1-1', 'line'],
      ['1-2', 'line'],
      ['1-3', 'line'],
      ['1-3', 'end'],
    ]);
    expect(seen.at(-1)!.data).toMatchObject({ id, status: 'failed' });
    const replayed = await collect(logs.stream(id));
    expect(replayed).toEqual(seen);
    expect(seqsOf(await collect(logs.stream(id, '1-2')))).toEqual([3]);
    expect((await collect(logs.stream(id, '1-3'))).map(({ event }) => event)).toEqual(['end']);
  });

  it('loses and repeats nothing over 200 random disconnects while it is written', async () => {
    const id = await logs.run(async (writer) => {
      await writeLikeAWorker(writer, LINES);
      await writer.finish(FAILED);
    });
    await stack.jobInStatus(id, 'running', 'failed');
    const seen: number[] = [];
    let lastEventId: string | undefined;
    let isOver = false;
    for (let connection = 0; !isOver; connection += 1) {
      const stream = logs.stream(id, lastEventId);
      let left = connection < 200 ? Math.floor(Math.random() * 40) : Infinity;
      for await (const event of stream.events()) {
        if (event.event === 'line') seen.push((event.data as LogLine).seq);
        isOver = event.event === 'end';
        // What was received is what counts: the reader goes on after the last event that it took.
        lastEventId = event.id ?? lastEventId;
        left -= 1;
        if (left < 0) break;
      }
      stream.close();
    }
    expect(seen).toEqual(upTo(seen.length));
    expect(seen.length).toBeGreaterThanOrEqual(LINES);
  });

  it('fills from Postgres what the live tail has lost, and says what nobody has', async () => {
    const id = await logs.run(async (writer) => {
      const [one, two, three, four] = writer.lines(['1', '2', '3', '4']) as [
        LogLine,
        LogLine,
        LogLine,
        LogLine,
      ];
      await writer.sayLive([one]);
      await writer.sayLive([three]);
      await waitFor(async () => (await writer.worker.heartbeat()).known, WAIT);
      await writer.store([one, two, three]);
      const gap: LogGap = { epoch: 1, from: 4, to: 99, bytes: 4_200 };
      writer.seq = 99;
      const tail = writer.lines(['100']);
      await writer.sayLive(tail);
      await writer.store([gap, ...tail]);
      expect(four.seq).toBe(4);
      await writer.finish({ ...FAILED, last_seq: 103 });
    });
    const events = await collect(logs.stream(id));
    expect(events.map(({ id: eventId, event }) => `${event} ${eventId}`)).toEqual([
      'line 1-1',
      'line 1-2',
      'line 1-3',
      'gap 1-99',
      'line 1-100',
      'gap 1-103',
      'end 1-103',
    ]);
    const text = await logs.text(id);
    expect(text).toBe('1\n2\n3\n[96 lines (4200 bytes) missing here]\n100\n[3 lines missing here]\n');
  });

  it('goes on when everything in Valkey is wiped', async () => {
    const redis = new Redis(`redis://${valkey().addr}`);
    const id = await logs.run(async (writer) => {
      await writeLikeAWorker(writer, 500);
      // The run's Valkey is shared, so only what is this Darb's is wiped.
      const keys = await redis.keys(`${stack.prefix}:*`);
      if (keys.length > 0) await redis.del(keys);
      await writeLikeAWorker(writer, 1_000);
      await writer.finish(FAILED);
    });
    const seen = seqsOf(await collect(logs.stream(id)));
    expect(seen).toEqual(upTo(seen.length));
    expect(seen.length).toBeGreaterThanOrEqual(1_000);
    redis.disconnect();
  });

  it('serves 50 followers the same', async () => {
    const id = await logs.run(async (writer) => {
      await writeLikeAWorker(writer, 300);
      await writer.finish(FAILED);
    });
    const all = await Promise.all(Array.from({ length: 50 }, () => collect(logs.stream(id))));
    for (const events of all) expect(events).toEqual(all[0]);
    expect(seqsOf(all[0]!).length).toBeGreaterThanOrEqual(300);
  });

  it('cuts a reader that does not read, who then goes on where it was', async () => {
    const text = 'x'.repeat(1_000);
    const id = await logs.run(async (writer) => {
      for (let chunk = 0; chunk < 20; chunk += 1) {
        await writer.store(writer.lines(Array.from({ length: 1_000 }, () => text)));
      }
      await writer.finish(FAILED);
    });
    await stack.jobInStatus(id, 'failed');
    const socket = connect(Number(new URL(stack.url).port), '127.0.0.1');
    let isClosed = false;
    socket.on('close', () => {
      isClosed = true;
    });
    socket.on('error', () => undefined);
    socket.pause();
    socket.write(
      `GET /api/v1/jobs/${id}/logs/stream HTTP/1.1\r\nhost: x\r\nauthorization: ${stack.owner.authorization}\r\n\r\n`,
    );
    const openStreams = async () =>
      /^darb_streams_open (\d+)/m.exec(await (await fetch(`${stack.url}/metrics`)).text())?.[1];
    await waitFor(async () => (await openStreams()) === '1', WAIT);
    await waitFor(async () => (await openStreams()) === '0', WAIT);
    socket.resume();
    await waitFor(() => isClosed, WAIT);
    expect(seqsOf(await collect(logs.stream(id, '1-19990')))).toHaveLength(10);
  });

  it('is hidden from others, and a stream ends with its session', async () => {
    let isOver = false;
    const id = await logs.run(async (writer) => {
      await writer.say('secret');
      await waitFor(() => isOver, WAIT);
      await writer.finish(FAILED);
    });
    const stranger = await stack.identity.createUser(stack.database, 'stranger');
    for (const path of [`/jobs/${id}`, `/jobs/${id}/logs`, `/jobs/${id}/logs/stream`, `/events?job=${id}`]) {
      expect((await stack.fetch(`/api/v1${path}`, {}, stranger)).status).toBe(404);
      expect((await fetch(`${stack.url}/api/v1${path}`)).status).toBe(401);
    }
    expect((await stack.fetch(`/api/v1/jobs/${id}/cancel`, { method: 'POST' }, stranger)).status).toBe(404);
    const admin = await stack.identity.createUser(stack.database, 'boss', 'admin');
    const collected = collect(logs.stream(id, undefined, admin));
    await stack.jobInStatus(id, 'running');
    const revokedAt = performance.now();
    await stack.database.query('UPDATE auth.sessions SET revoked_at = now() WHERE id = $1', [
      admin.sessionId,
    ]);
    expect((await collected).map(({ event }) => event)).not.toContain('end');
    // Within a second; the rest is for a busy machine.
    expect(performance.now() - revokedAt).toBeLessThan(2_000);
    isOver = true;
    await stack.jobInStatus(id, 'failed');
  });
});
