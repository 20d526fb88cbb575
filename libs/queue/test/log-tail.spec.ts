import type { LogLine } from '@darb/models';
import { queuePrefix, valkey, waitFor } from '@darb/testing';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectValkey, LogTail, LogTailReader, valkeyOptionsFromConfig } from '../src/index.js';

const EPOCH = 1;

function line(seq: number, text = `line ${seq}`): LogLine {
  return { seq, epoch: EPOCH, time: new Date().toISOString(), stream: 'stdout', phase: 'install', text };
}

function lines(from: number, to: number): LogLine[] {
  return Array.from({ length: to - from + 1 }, (_, index) => line(from + index));
}

describe('LogTail', () => {
  let redis: Redis;
  let tail: LogTail;
  let reader: LogTailReader;
  let job: string;

  beforeAll(async () => {
    redis = connectValkey(valkeyOptionsFromConfig(await valkey()));
  });
  beforeEach(async () => {
    const prefix = await queuePrefix();
    tail = new LogTail(redis, prefix);
    reader = new LogTailReader(redis, prefix);
    job = crypto.randomUUID();
  });
  afterEach(() => {
    reader.close();
  });
  afterAll(() => redis.disconnect());

  /** Follows until `lastSeq` came, and answers every seq in the order of arrival. */
  async function followTo(lastSeq: number, afterSeq = 0): Promise<number[]> {
    const seen: number[] = [];
    await new Promise<void>((resolve) => {
      const follower = reader.follow(job, EPOCH, afterSeq, () => {
        seen.push(...follower.take().map(({ seq }) => seq));
        if (seen.at(-1)! < lastSeq) return;
        follower.close();
        resolve();
      });
    });
    return seen;
  }

  it('reads what was appended, from any place in a batch', async () => {
    await tail.append(job, EPOCH, lines(1, 5));
    await tail.append(job, EPOCH, lines(6, 9));
    expect((await tail.read(job, EPOCH, 0)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect((await tail.read(job, EPOCH, 3)).map(({ seq }) => seq)).toEqual([4, 5, 6, 7, 8, 9]);
    expect(await tail.read(job, EPOCH, 9)).toEqual([]);
  });

  it('takes a repeated append once', async () => {
    expect(await tail.append(job, EPOCH, lines(1, 3))).toBe(true);
    expect(await tail.append(job, EPOCH, lines(1, 3))).toBe(true);
    expect(await tail.read(job, EPOCH, 0)).toHaveLength(3);
  });

  it('trims whole batches below the acknowledged line and nothing above it', async () => {
    await tail.append(job, EPOCH, lines(1, 4));
    await tail.append(job, EPOCH, lines(5, 8));
    await tail.trim(job, EPOCH, 6);
    expect((await tail.read(job, EPOCH, 0)).map(({ seq }) => seq)).toEqual([5, 6, 7, 8]);
    await tail.drop(job, EPOCH);
    expect(await tail.read(job, EPOCH, 0)).toEqual([]);
  });

  it('stays bounded when nobody trims', async () => {
    const appends = Array.from({ length: 3_000 }, (_, index) => tail.append(job, EPOCH, [line(index + 1)]));
    await Promise.all(appends);
    expect((await tail.read(job, EPOCH, 0)).length).toBeLessThan(1_500);
  });

  it('answers false instead of waiting while Valkey is away', async () => {
    const away = connectValkey({ host: '127.0.0.1', port: 1 }, { patience: 'fail-fast' });
    expect(await new LogTail(away, 'away').append(job, EPOCH, [line(1)])).toBe(false);
    away.disconnect();
  });

  it('gives every line once and in order to those who join early, late and in the middle', async () => {
    const early = followTo(300);
    for (let first = 1; first <= 150; first += 3) await tail.append(job, EPOCH, lines(first, first + 2));
    const late = followTo(300);
    const middle = followTo(300, 100);
    for (let first = 151; first <= 300; first += 3) await tail.append(job, EPOCH, lines(first, first + 2));
    const all = Array.from({ length: 300 }, (_, index) => index + 1);
    expect(await early).toEqual(all);
    expect(await late).toEqual(all);
    expect(await middle).toEqual(all.slice(100));
  });

  it('serves 200 followers over two connections and forgets tails that nobody follows', async () => {
    const before = Number(/connected_clients:(\d+)/.exec(await redis.info('clients'))?.[1]);
    const followers = Array.from({ length: 200 }, () => followTo(50));
    for (let seq = 1; seq <= 50; seq++) await tail.append(job, EPOCH, [line(seq)]);
    for (const seen of await Promise.all(followers)) expect(seen).toHaveLength(50);
    const after = Number(/connected_clients:(\d+)/.exec(await redis.info('clients'))?.[1]);
    // Other specs connect and disconnect meanwhile; 200 connections would still show.
    expect(after - before).toBeLessThan(50);
    await waitFor(() => reader.tailCount === 0, { timeoutMs: 5_000 });
  });

  it('goes on after its connections were cut', async () => {
    const seen = followTo(20);
    await tail.append(job, EPOCH, lines(1, 10));
    const clients = (await redis.client('LIST')) as string;
    const subscribers = clients.split('\n').filter((client) => /\bsub=[1-9]/.test(client));
    for (const client of subscribers) await redis.client('KILL', 'ID', /\bid=(\d+)/.exec(client)![1]!);
    await tail.append(job, EPOCH, lines(11, 20));
    expect(await seen).toHaveLength(20);
  });

  it('shows a jump when the tail lost lines, and never goes back', async () => {
    const seen = followTo(12);
    await tail.append(job, EPOCH, lines(1, 3));
    await waitFor(async () => (await tail.read(job, EPOCH, 0)).length === 3, { timeoutMs: 5_000 });
    await tail.drop(job, EPOCH);
    await tail.append(job, EPOCH, lines(10, 12));
    const got = await seen;
    expect(got.slice(-3)).toEqual([10, 11, 12]);
    expect(got).toEqual([...got].sort((a, b) => a - b));
  });

  it('keeps no more than a bound for a follower that takes nothing, and the rest once it does', async () => {
    const total = 12_000;
    const arrivals = { count: 0 };
    const follower = reader.follow(job, EPOCH, 0, () => {
      arrivals.count += 1;
    });
    for (let first = 1; first <= total; first += 100) await tail.append(job, EPOCH, lines(first, first + 99));
    await waitFor(() => !follower.hasRoom, { timeoutMs: 5_000 });
    expect(follower.cursor).toBeLessThan(total);
    const seen: number[] = [];
    await waitFor(
      () => {
        seen.push(...follower.take().map(({ seq }) => seq));
        return seen.length >= total;
      },
      { timeoutMs: 5_000 },
    );
    expect(seen).toEqual(Array.from({ length: total }, (_, index) => index + 1));
    follower.close();
    expect(reader.tailCount).toBe(0);
  });
});
