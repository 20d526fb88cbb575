import type { LogLine } from '@darb/models';
import { waitFor } from '@darb/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventStream } from './support/event-stream.js';
import type { ReceivedEvent } from './support/event-stream.js';
import { JobsStack, WAIT } from './support/jobs-stack.js';
import type { ScriptedWorker } from './support/scripted-worker.js';

/** What an event that no job made is about. */
const LATE = '018f0000-0000-7000-8000-0000000000aa';

interface Changed {
  id: string;
  status: string;
}

describe('live events', () => {
  let stack: JobsStack;
  let worker: ScriptedWorker;

  beforeAll(async () => {
    stack = await JobsStack.start();
    let count = 0;
    worker = await stack.addWorker(async (run) => {
      await run.say('one', 'two', 'three');
      await run.succeed((count += 1).toString(16).padStart(64, '0'));
    }, 2);
  });
  afterAll(async () => {
    await worker.stop();
    await stack.stop();
  });

  function open(query = '', user = stack.owner, lastEventId?: string): EventStream {
    return new EventStream(
      (headers, signal) => stack.fetch(`/api/v1/events${query}`, { headers, signal }, user),
      lastEventId,
    );
  }

  /** Collects in the background until the stream is closed. */
  function collect(stream: EventStream): { events: ReceivedEvent[]; done: Promise<void> } {
    const events: ReceivedEvent[] = [];
    const done = (async () => {
      for await (const event of stream.events()) events.push(event);
    })();
    return { events, done };
  }

  const statuses = (events: ReceivedEvent[], type: string, id: string) =>
    events
      .filter(({ event, data }) => event === type && (data as Changed).id === id)
      .map(({ data }) => (data as Changed).status);

  it('tell every change in order, to those who may see it', async () => {
    const stranger = await stack.identity.createUser(stack.database, 'stranger');
    const guest = await stack.identity.createUser(stack.database, 'guest');
    const environment = await stack.addEnvironment();
    await stack.database.query(
      `INSERT INTO environments.access_grants (id, environment_id, user_id, role, created_by)
       VALUES (gen_random_uuid(), $1, $2, 'viewer', $3)`,
      [environment, guest.userId, stack.owner.userId],
    );
    const streams = { owner: open(), stranger: open('', stranger), guest: open('', guest) };
    const [owner, others, guests] = [
      collect(streams.owner),
      collect(streams.stranger),
      collect(streams.guest),
    ];
    await waitFor(() => Object.values(streams).every((stream) => stream.lastEventId !== undefined), WAIT);
    const hidden = await stack.request(await stack.addEnvironment());
    const id = await stack.request(environment);
    await waitFor(() => statuses(owner.events, 'job', id).includes('completed'), WAIT);
    await waitFor(() => statuses(owner.events, 'job', hidden).includes('completed'), WAIT);
    await waitFor(() => statuses(guests.events, 'environment', environment).includes('ready'), WAIT);
    expect(new Set(statuses(owner.events, 'job', id))).toEqual(new Set(['pending', 'running', 'completed']));
    expect(new Set(statuses(owner.events, 'environment', environment))).toEqual(
      new Set(['pending', 'creating', 'ready']),
    );
    expect(statuses(guests.events, 'job', id)).toEqual(statuses(owner.events, 'job', id));
    expect(statuses(guests.events, 'job', hidden)).toEqual([]);
    expect(others.events).toEqual([]);
    for (const stream of Object.values(streams)) stream.close();
    await Promise.all([owner.done, others.done, guests.done]);
    // A guest may look, not cancel; a stranger does not even learn that there is something.
    const cancel = (user: typeof guest) => stack.fetch(`/api/v1/jobs/${id}/cancel`, { method: 'POST' }, user);
    expect([(await cancel(guest)).status, (await cancel(stranger)).status]).toEqual([403, 404]);
  });

  it('lose and repeat nothing over random disconnects, whatever order transactions commit in', async () => {
    const seen: string[] = [];
    const over = new AbortController();
    let current = open();
    const reading = (async () => {
      let lastEventId: string | undefined;
      while (!over.signal.aborted) {
        current = open('', stack.owner, lastEventId);
        let left = 1 + Math.floor(Math.random() * 5);
        for await (const event of current.events()) {
          seen.push(event.id!);
          left -= 1;
          if (left === 0) break;
        }
        lastEventId = current.lastEventId;
        current.close();
      }
    })();
    await waitFor(() => current.lastEventId !== undefined, WAIT);
    // It has its ids early and commits late: read by id, its event would be lost.
    const late = new pg.Client({ connectionString: stack.dsn });
    await late.connect();
    await late.query('BEGIN');
    await late.query(
      `INSERT INTO jobs.events (type, resource_id, subject_type, subject_id, organization_id, data)
       VALUES ('job', $1, 'environment', $1, $2, '{"status":"late"}')`,
      [LATE, stack.owner.organizationId],
    );
    const ids = await Promise.all(
      Array.from({ length: 8 }, async () => stack.request(await stack.addEnvironment())),
    );
    await waitFor(() => seen.length >= ids.length, WAIT);
    await late.query('COMMIT');
    await late.end();
    for (const id of ids) await stack.jobInStatus(id, 'completed');
    const unnumbered = 'SELECT 1 FROM jobs.events WHERE position IS NULL';
    await waitFor(async () => (await stack.database.query<unknown[]>(unnumbered)).length === 0, WAIT);
    const expected = await stack.database.query<{ id: string }[]>(
      `SELECT position AS id FROM jobs.events WHERE resource_id = ANY($1) OR resource_id = $2
         OR subject_id IN (SELECT subject_id FROM jobs.jobs WHERE id = ANY($1)) ORDER BY position`,
      [ids, LATE],
    );
    const wanted = expected.map(({ id }) => id);
    await waitFor(() => seen.length >= wanted.length, WAIT);
    over.abort();
    current.close();
    await reading;
    expect(seen).toEqual(wanted);
  });

  it('carry the log of one job as well, and go on in both', async () => {
    const id = await stack.request(await stack.addEnvironment());
    await stack.jobInStatus(id, 'completed');
    const first = open(`?job=${id}`);
    for await (const event of first.events()) if (event.event === 'line') break;
    first.close();
    expect(first.lastEventId).toMatch(/^\d+~1-1$/);
    const second = open(`?job=${id}`, stack.owner, first.lastEventId);
    const rest: string[] = [];
    const other = await stack.request(await stack.addEnvironment());
    for await (const event of second.events()) {
      if (event.event === 'line') rest.push((event.data as LogLine).text);
      if (event.event === 'end') rest.push('end');
      if (event.event === 'job' && (event.data as Changed).id === other && rest.includes('end')) break;
    }
    second.close();
    expect(rest).toEqual(['two', 'three', 'end']);
  });

  it('end when the service stops, which does not wait for their readers', async () => {
    const stream = open();
    const { done } = collect(stream);
    await waitFor(() => stream.lastEventId !== undefined, WAIT);
    await stack.restartService();
    await done;
  });

  it('say when they do not reach back far enough', async () => {
    // Older than anything that is kept, from another database's future, and as earlier versions spelled ids.
    for (const lastEventId of ['3', '999999999999999', '745.12', '745.12~1-3']) {
      const stream = open('', stack.owner, lastEventId);
      for await (const event of stream.events()) {
        expect(event.event).toBe('reset');
        break;
      }
      stream.close();
    }
    expect((await stack.fetch('/api/v1/events?last_event_id=nonsense')).status).toBe(422);
  });
});
