import { gunzipSync } from 'node:zlib';
import type { LogChunkQuery, LogGap, LogLine } from '@darb/models';
import { describe, expect, it, vi } from 'vitest';
import { ChunkSender, type PostChunk } from './chunk-sender.js';
import { JobLog } from './job-log.js';
import { Redactor } from './redactor.js';
import { TailWriter, type Tail } from './tail-writer.js';

type Entry = LogLine | LogGap;

/** Keeps what a log delivered, both ways. */
class Collected {
  readonly chunks: { query: LogChunkQuery; entries: Entry[] }[] = [];
  readonly live: LogLine[] = [];
  trimmed = 0;
  isValkeyUp = true;
  post: PostChunk = async (query, body) => {
    const entries = gunzipSync(body).toString().trimEnd().split('\n');
    this.chunks.push({ query, entries: entries.map((entry) => JSON.parse(entry) as Entry) });
  };
  readonly tail: Tail = {
    append: async (_job, _epoch, lines) => {
      if (this.isValkeyUp) this.live.push(...lines);
      return this.isValkeyUp;
    },
    trim: async (_job, _epoch, seq) => void (this.trimmed = seq),
    drop: async () => undefined,
  };

  log(limitBytes = 1_000_000): JobLog {
    const tail = new TailWriter(this.tail, 'job', 3);
    const sender = new ChunkSender(
      3,
      limitBytes,
      (query, body) => this.post(query, body),
      (seq) => tail.trim(seq),
    );
    return new JobLog(3, new Redactor(['sesame!!']), tail, sender);
  }

  get entries(): Entry[] {
    return this.chunks.flatMap((chunk) => chunk.entries);
  }
}

const isLine = (entry: Entry): entry is LogLine => 'text' in entry;

describe('JobLog delivers every line once, in order', () => {
  it('numbers stdout, stderr and darb together from 1', async () => {
    const out = new Collected();
    const log = out.log();
    log.say('solve', '$ uv lock');
    log.stream('stdout', 'solve').push(Buffer.from('a\nopen sesame!!\n'));
    log.stream('stderr', 'solve').push(Buffer.from('b\n'));
    await log.flush();
    expect(out.entries.filter(isLine).map(({ seq, stream, text }) => [seq, stream, text])).toEqual([
      [1, 'darb', '$ uv lock'],
      [2, 'stdout', 'a'],
      [3, 'stdout', 'open ***'],
      [4, 'stderr', 'b'],
    ]);
    expect(out.chunks.map((chunk) => chunk.query)).toEqual([
      { first_seq: 1, last_seq: 4, lines: 4, bytes: 23 },
    ]);
    expect(out.trimmed).toBe(4);
    await vi.waitFor(() => expect(out.live.map((line) => line.seq)).toEqual([1, 2, 3, 4]));
  });

  it('sends chunks that join, and goes on without Valkey', async () => {
    const out = new Collected();
    out.isValkeyUp = false;
    const log = out.log(50_000_000);
    for (let index = 0; index < 20_000; index++) log.say('install', `line ${index} ${'x'.repeat(40)}`);
    await log.flush();
    const queries = out.chunks.map((chunk) => chunk.query);
    expect(queries.length).toBeGreaterThan(3);
    expect(queries[0]?.first_seq).toBe(1);
    for (const [index, query] of queries.entries()) {
      if (index > 0) expect(query.first_seq).toBe(queries[index - 1]!.last_seq + 1);
    }
    expect(out.entries).toHaveLength(20_000);
    expect(out.live).toEqual([]);
  });

  it('keeps head and end of a log over its limit, with exactly one gap that says what is missing', async () => {
    const out = new Collected();
    const log = out.log(1_000_000);
    const total = 100_000;
    for (let index = 1; index <= total; index++) log.say('install', `${'y'.repeat(40)} ${index}`);
    await log.flush();
    log.say('publish', 'published');
    await log.flush();

    const gaps = out.entries.filter((entry): entry is LogGap => !isLine(entry));
    expect(gaps).toHaveLength(1);
    const gap = gaps[0]!;
    const seqs = out.entries.filter(isLine).map((line) => line.seq);
    expect(seqs[0]).toBe(1);
    expect(seqs.at(-1)).toBe(total + 1);
    expect(seqs.includes(gap.from - 1) && seqs.includes(gap.to + 1)).toBe(true);
    expect(seqs.length + gap.to - gap.from + 1).toBe(total + 1);
    const kept = out.chunks.reduce((sum, chunk) => sum + chunk.query.bytes, 0);
    expect(kept).toBeLessThanOrEqual(1_300_000);
    let next = 1;
    for (const { query } of out.chunks) {
      expect(query.first_seq).toBe(next);
      next = query.last_seq + 1;
    }
  });

  it('has no gap when everything fits', async () => {
    const out = new Collected();
    const log = out.log(3_000);
    for (let index = 0; index < 50; index++) log.say('solve', 'z'.repeat(50));
    await log.flush();
    expect(out.entries.every(isLine)).toBe(true);
    expect(out.entries).toHaveLength(50);
  });

  it('asks the tool to wait while jobs is away, and lets go when the epoch is over', async () => {
    const out = new Collected();
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    out.post = () => gate.then(() => Promise.reject(new Error('stale')));
    const log = out.log(1_000_000_000);
    for (let index = 0; index < 1_000; index++) log.say('install', 'w'.repeat(16_000));
    expect(log.isFull).toBe(true);
    const room = log.room();
    release();
    await room;
    await expect(log.flush()).rejects.toThrow('stale');
  });
});
