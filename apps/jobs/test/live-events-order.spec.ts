import { randomUUID } from 'node:crypto';
import { createTestDatabase, waitFor } from '@darb/testing';
import type { TestDatabase } from '@darb/testing';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EventsRepository } from '../src/events/events.repository.js';
import { EventStream } from './support/event-stream.js';
import { JobsStack, WAIT } from './support/jobs-stack.js';

/** DESIGN: every change once and in order, whoever writes, numbers and reads at the same time. */
describe('the order of events', () => {
  let database: TestDatabase;
  const sources: DataSource[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterEach(async () => {
    for (const source of sources.splice(0)) await source.destroy();
  });
  afterAll(() => database.drop());

  /** As another replica has it: with connections of its own. */
  async function replica(name = 'other'): Promise<{ source: DataSource; events: EventsRepository }> {
    const source = new DataSource({
      type: 'postgres',
      url: database.dsn,
      poolSize: 8,
      applicationName: name,
      poolErrorHandler: () => undefined,
    });
    sources.push(await source.initialize());
    return { source, events: new EventsRepository(source) };
  }

  const write = (runner: Pick<DataSource, 'query'>, label: string) =>
    runner.query(
      `INSERT INTO jobs.events (type, resource_id, subject_type, subject_id, organization_id, data)
       VALUES ('job', $1, 'environment', $1, $1, $2)`,
      [randomUUID(), JSON.stringify({ label })],
    );

  it('is the same for three readers of 2,000 events under concurrent commits and sequencers', async () => {
    const writers = 8;
    const eventsPerWriter = 250;
    const total = writers * eventsPerWriter;
    const { source, events } = await replica();
    const from = await events.now();
    const numbered = { count: 0 };
    const numbering = [await replica(), await replica(), await replica()].map(async (other) => {
      while (numbered.count < total) {
        const count = await other.events.number(1 + Math.floor(Math.random() * 20));
        numbered.count += count;
      }
    });
    const reading = [await replica(), await replica(), await replica()].map(async (other) => {
      const seen: { label: string; position: number }[] = [];
      let position = from;
      while (seen.length < total) {
        const batch = await other.events.readAfter(position, 1 + Math.floor(Math.random() * 50));
        for (const event of batch)
          seen.push({ label: event.data['label'] as string, position: event.position });
        position = batch.at(-1)?.position ?? position;
      }
      return seen;
    });
    await Promise.all(
      Array.from({ length: writers }, async (_, writer) => {
        for (let written = 0; written < eventsPerWriter;) {
          const size = Math.min(eventsPerWriter - written, 1 + Math.floor(Math.random() * 5));
          await source.transaction(async (tx) => {
            for (let index = 0; index < size; index += 1) {
              await write(tx as unknown as DataSource, `${writer}:${written + index}`);
            }
          });
          written += size;
        }
      }),
    );
    const seen = await Promise.all(reading);
    await Promise.all(numbering);
    expect(numbered.count).toBe(total);
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);
    expect(new Set(seen[0]!.map(({ label }) => label)).size).toBe(total);
    for (let writer = 0; writer < writers; writer += 1) {
      const own = seen[0]!.filter(({ label }) => label.startsWith(`${writer}:`));
      expect(own.map(({ label }) => label)).toEqual(
        Array.from({ length: eventsPerWriter }, (_, index) => `${writer}:${index}`),
      );
    }
  });

  it('goes on when a sequencer dies in the middle of its work', async () => {
    const doomed = await replica('doomed');
    const { source, events } = await replica();
    const from = await events.now();
    await write(source, 'first');
    await write(source, 'second');
    // Whoever numbers now stands still in the middle, with the lock.
    const holder = new pg.Client({ connectionString: database.dsn });
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query(
      'SELECT 1 FROM jobs.events WHERE position IS NULL ORDER BY id DESC LIMIT 1 FOR UPDATE',
    );
    const died = doomed.events.number(10).then(
      () => 'numbered',
      () => 'died',
    );
    const stuck = `SELECT pid FROM pg_stat_activity WHERE application_name = 'doomed' AND wait_event_type = 'Lock'`;
    await waitFor(async () => (await source.query<unknown[]>(stuck)).length === 1, WAIT);
    expect(await events.number(10)).toBe(0);
    expect(await events.readAfter(from, 10)).toEqual([]);
    await source.query(`SELECT pg_terminate_backend(pid) FROM (${stuck}) AS stuck`);
    expect(await died).toBe('died');
    await holder.query('ROLLBACK');
    await holder.end();
    // Its client learns of the end a moment before the lock is free.
    await waitFor(async () => (await events.number(10)) === 2, WAIT);
    expect((await events.readAfter(from, 10)).map(({ data }) => data['label'])).toEqual(['first', 'second']);
  });

  it('has no holes where old events were deleted', async () => {
    const { source, events } = await replica();
    const from = await events.now();
    for (const label of ['a', 'b', 'c', 'd']) await write(source, label);
    expect(await events.number(10)).toBe(4);
    // "c" began before "b" and was committed after it.
    const makeOld = `UPDATE jobs.events SET created_at = now() - interval '1 day' WHERE position <= $1 OR data->>'label' = ANY($2)`;
    await source.query(makeOld, [from, ['a', 'c']]);
    const [a] = await events.readAfter(from, 1);
    while ((await events.deleteOlderThan(3_600, 500)) > 0);
    expect((await events.readAfter(from, 10)).map(({ data }) => data['label'])).toEqual(['b', 'c', 'd']);
    expect(await events.reachesBackTo(a!.position)).toBe(false);
    await source.query(makeOld, [0, ['b']]);
    expect(await events.deleteOlderThan(3_600, 1)).toBe(1);
    expect((await events.readAfter(from, 10)).map(({ data }) => data['label'])).toEqual(['c', 'd']);
  });
});

describe('live events beside an open write transaction', () => {
  let stack: JobsStack;
  beforeAll(async () => {
    stack = await JobsStack.start();
  });
  afterAll(() => stack.stop());

  it('come without waiting for it', async () => {
    const environment = await stack.addEnvironment();
    const idle = new pg.Client({ connectionString: stack.dsn });
    await idle.connect();
    await idle.query('BEGIN');
    await idle.query(`UPDATE environments.environments SET description = 'x' WHERE id = $1`, [
      await stack.addEnvironment(),
    ]);
    const stream = new EventStream((headers, signal) =>
      stack.fetch('/api/v1/events', { headers, signal }, stack.owner),
    );
    const subjects: string[] = [];
    const listening = (async () => {
      for await (const { data } of stream.events()) subjects.push((data as { id: string }).id);
    })();
    await waitFor(() => stream.lastEventId !== undefined, WAIT);
    const id = await stack.request(environment);
    await waitFor(() => subjects.includes(id), WAIT);
    stream.close();
    await listening;
    await idle.query('ROLLBACK');
    await idle.end();
  });
});
