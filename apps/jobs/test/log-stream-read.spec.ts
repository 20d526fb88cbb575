import { connect } from 'node:net';
import type { Server } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { waitFor } from '@darb/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { countOldLogChunks, deleteOldLogChunks } from '../src/logs/log-removal.js';
import { LogsRepository } from '../src/logs/logs.repository.js';
import { JobsStack, WAIT } from './support/jobs-stack.js';
import { collect, FAILED, LogHarness, upTo } from './support/log-harness.js';

describe('a log that is read at once', () => {
  let stack: JobsStack;
  let logs: LogHarness;

  beforeAll(async () => {
    stack = await JobsStack.start();
    logs = new LogHarness(stack);
  });
  afterEach(() => logs.stop());
  afterAll(() => stack.stop());

  const numbered = (from: number, to: number) =>
    upTo(to)
      .slice(from - 1)
      .map((seq) => `line ${seq}\n`)
      .join('');

  /** Chunks of 1,000 lines, one of them with a word to find. */
  async function writeLong(count: number, textOf = (seq: number) => `line ${seq}`): Promise<string> {
    const id = await logs.run(async (writer) => {
      while (writer.seq < count) {
        const size = Math.min(1_000, count - writer.seq);
        await writer.store(writer.lines(upTo(size).map((index) => textOf(writer.seq + index))));
      }
      await writer.finish(FAILED);
    });
    await stack.jobInStatus(id, 'failed');
    return id;
  }

  it('is text or NDJSON, by range and by search', async () => {
    const id = await logs.finished('Resolved \u001b[1m3 \u001b[0mpackages', 'Installed rich', 'done');
    const whole = await logs.read(id);
    expect(whole.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await whole.text()).toBe('Resolved \u001b[1m3 \u001b[0mpackages\nInstalled rich\ndone\n');
    const one = await logs.read(id, '?format=ndjson&from_seq=2&limit=1');
    expect(one.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    expect(await one.json()).toMatchObject({ seq: 2, epoch: 1, stream: 'stdout', text: 'Installed rich' });
    expect(await logs.text(id, '?q=3%20PACK')).toContain('packages');
    expect(await logs.text(id, '?q=nothing')).toBe('');
    expect(await logs.text(id, '?epoch=2')).toBe('');
    for (const query of ['?from_seq=x', '?tail=0', '?tail=2&q=x', '?compress=zip', '?download=1', '?q=']) {
      const refused = await logs.read(id, query);
      expect([query, refused.status]).toEqual([query, 422]);
    }
  });

  it('is answered from its end, however it lies in chunks, attempts and the live tail', async () => {
    const id = await writeLong(2_500);
    expect(await logs.text(id, '?tail=3')).toBe(numbered(2_498, 2_500));
    expect(await logs.text(id, '?tail=1700')).toBe(numbered(801, 2_500));
    expect(await logs.text(id, '?tail=99999')).toBe(numbered(1, 2_500));
    await logs.stop();
    let isOver = false;
    const running = await logs.run(async (writer) => {
      await writer.say('line 1', 'line 2');
      await writer.sayLive(writer.lines(['line 3', 'line 4']));
      await waitFor(() => isOver, WAIT);
      await writer.finish(FAILED);
    });
    await waitFor(async () => (await logs.text(running)) === numbered(1, 4), WAIT);
    expect(await logs.text(running, '?tail=1')).toBe(numbered(4, 4));
    expect(await logs.text(running, '?tail=3')).toBe(numbered(2, 4));
    isOver = true;
    await stack.jobInStatus(running, 'failed');
    // Nobody sent the last two to Postgres.
    expect(await logs.text(running, '?tail=1')).toBe('line 2\n[2 lines missing here]\n');
  });

  it('can be saved as a file and comes compressed', async () => {
    const id = await logs.finished('ä', 'b');
    const sent = await logs.read(id, '?download=true', { 'accept-encoding': 'gzip' });
    expect(sent.headers.get('content-encoding')).toBe('gzip');
    expect(await sent.text()).toBe('ä\nb\n');
    expect(sent.headers.get('content-disposition')).toMatch(
      new RegExp(`^attachment; filename="([\\w.-]+-)?create-${id}\\.log"$`),
    );
    const plain = await logs.read(id, '', { 'accept-encoding': 'gzip;q=0, identity' });
    expect(plain.headers.get('content-encoding')).toBeNull();
    const file = await logs.read(id, '?download=true&compress=gzip&format=ndjson');
    expect(file.headers.get('content-type')).toBe('application/gzip');
    expect(file.headers.get('content-encoding')).toBeNull();
    expect(file.headers.get('content-disposition')).toMatch(/\.ndjson\.gz"$/);
    const lines = gunzipSync(Buffer.from(await file.arrayBuffer()))
      .toString()
      .trimEnd()
      .split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { text: string }).text)).toEqual(['ä', 'b']);
  });

  it('of 100,000 lines is complete, also in part and by search, and others are served meanwhile', async () => {
    const count = 100_000;
    const id = await writeLong(count, (seq) =>
      seq % 50_000 === 7 ? `nee\u001b[31mdle ${seq}` : `line ${seq}`,
    );
    const searching = logs.text(id, '?q=Needle');
    let longest = 0;
    const over = new AbortController();
    const others = (async () => {
      while (!over.signal.aborted) {
        const startedAt = performance.now();
        expect((await fetch(`${stack.url}/health`)).status).toBe(200);
        longest = Math.max(longest, performance.now() - startedAt);
      }
    })();
    expect((await searching).split('\n').map((line) => line.split(' ')[1])).toEqual([
      '7',
      '50007',
      undefined,
    ]);
    const text = (await logs.text(id)).trimEnd().split('\n');
    over.abort();
    await others;
    expect(text.map((line) => Number(line.split(' ')[1]))).toEqual(upTo(count));
    // Far more than any single step takes, far less than the whole.
    expect(longest).toBeLessThan(1_000);
    expect(await logs.text(id, '?from_seq=99999')).toBe(numbered(99_999, 100_000));
  });

  it('is searched while somebody waits for the first match, and no longer when they went away', async () => {
    const id = await writeLong(30_000);
    const repository = stack.app.get(LogsRepository);
    const readChunks = repository.chunksAfter.bind(repository);
    const isGone = Promise.withResolvers<void>();
    const reads = vi.spyOn(repository, 'chunksAfter').mockImplementation(async (...args) => {
      // The reader goes in the middle.
      if (reads.mock.calls.length === 2) await isGone.promise;
      return readChunks(...args);
    });
    const server = stack.app.getHttpServer() as Server;
    server.once('connection', (connection) => connection.once('close', () => isGone.resolve()));
    const socket = connect(Number(new URL(stack.url).port), '127.0.0.1');
    let head = '';
    socket.on('data', (data) => (head += data.toString()));
    socket.write(
      `GET /api/v1/jobs/${id}/logs?q=nowhere HTTP/1.1\r\nhost: x\r\nauthorization: ${stack.owner.authorization}\r\n\r\n`,
    );
    await waitFor(() => head.startsWith('HTTP/1.1 200'), WAIT);
    await waitFor(() => reads.mock.calls.length === 2, WAIT);
    socket.destroy();
    await isGone.promise;
    // Another search reads to the end, while the one that was left reads no more.
    expect(await logs.text(id, '?q=nowhere')).toBe('');
    expect(reads.mock.calls.length).toBe(2 + Math.ceil(30 / 8) + 1);
    reads.mockRestore();
  });

  it('that was removed because of its age says so, and ends', async () => {
    const old = await logs.finished('one', 'two');
    await logs.stop();
    const young = await logs.finished('three');
    await stack.database.query(
      `UPDATE jobs.jobs SET finished_at = finished_at - interval '100 days' WHERE id = $1`,
      [old],
    );
    // A job that ended late: its first chunks are old, its end is not.
    await stack.database.query(
      `UPDATE jobs.log_chunks SET created_at = created_at - interval '100 days' WHERE job_id = ANY($1)`,
      [[old, young]],
    );
    const limits = { olderThanSeconds: 90 * 86_400, maxChunks: 10 };
    expect(await countOldLogChunks(stack.database, limits)).toMatchObject({ jobs: 1, chunks: 1 });
    const twice = await Promise.all([
      deleteOldLogChunks(stack.database, limits),
      deleteOldLogChunks(stack.database, limits),
    ]);
    expect(twice.map(({ chunks }) => chunks).sort()).toEqual([0, 1]);
    expect(await countOldLogChunks(stack.database, limits)).toEqual({ jobs: 0, chunks: 0, bytes: 0 });
    const said = '[2 lines (6 bytes) removed: logs are kept for a limited time]\n';
    expect(await logs.text(old)).toBe(said);
    expect(await logs.text(old, '?tail=5')).toBe(said);
    const gap = { epoch: 1, from: 1, to: 2, bytes: 6, reason: 'retention' };
    const events = await collect(logs.stream(old));
    expect(events.map(({ id, event }) => `${event} ${id}`)).toEqual(['gap 1-2', 'end 1-2']);
    expect(events[0]!.data).toEqual(gap);
    expect(events[1]!.data).toMatchObject({ status: 'failed', error: FAILED.error });
    expect((await collect(logs.stream(old, '1-2'))).map(({ event }) => event)).toEqual(['end']);
    expect(await logs.text(young)).toBe('three\n');
  });
});
