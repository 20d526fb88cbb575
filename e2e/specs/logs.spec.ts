import { beforeAll, describe, expect, it } from 'vitest';
import { Person, uniqueName } from '../support/darb.js';
import type { Json, StreamEvent } from '../support/darb.js';

describe('the log of a job', () => {
  let admin: Person;
  let environment: Json;
  let job: Json;
  let whole: StreamEvent[];

  beforeAll(async () => {
    admin = await Person.signIn();
    environment = await admin.environment(uniqueName('logs'));
    job = await admin.add(environment.id, 'chain-20');
    whole = await admin.log(job.id);
  });

  it('is replayed when the job is over, then ends', () => {
    expect(whole.length).toBeGreaterThan(20);
    expect(whole.at(-1)?.event).toBe('end');
  });

  it('goes on after the event that a reader saw last, without a repeat', async () => {
    for (const at of [0, 1, Math.floor(whole.length / 2), whole.length - 2]) {
      const seen = whole[at];
      const rest = await admin.log(job.id, seen?.id);
      expect(rest.map(({ id }) => id)).toEqual(whole.slice(at + 1).map(({ id }) => id));
    }
  });

  it('is the same as text, as NDJSON and as a stream', async () => {
    const lines = whole.filter(({ event }) => event === 'line').map(({ data }) => data);
    const ndjson = await admin.get(`/jobs/${job.id}/logs?format=ndjson`);
    const parsed = String(ndjson.body)
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    expect(parsed.filter((line) => 'seq' in line).map(({ seq }) => seq)).toEqual(lines.map(({ seq }) => seq));
    const text = await admin.get(`/jobs/${job.id}/logs`);
    for (const line of lines) expect(text.body).toContain(line.text.split('\u001b')[0]);
  });

  it('begins with the exact command, in the phase of solving', () => {
    const first = whole[0]?.data;
    expect(first).toMatchObject({ seq: 1, stream: 'darb', phase: 'solve' });
    expect(first.text).toMatch(/^\$ .*uv .*-- chain-20$/);
  });

  it('survives readers that are cut off at random: nothing lost, nothing repeated', async () => {
    const { body } = await admin.post(`/environments/${environment.id}/packages`, { packages: ['chain-40'] });
    const seen: string[] = [];
    let last: string | undefined;
    for (let isOver = false, round = 0; !isOver; round++) {
      const cut = new AbortController();
      let left = 1 + ((round * 7) % 5);
      try {
        const options = { signal: cut.signal, ...(last ? { lastEventId: last } : {}) };
        for await (const event of admin.stream(`/jobs/${body.id}/logs/stream`, options)) {
          if (event.event === 'end') isOver = true;
          if (event.event !== 'line') continue;
          last = event.id;
          seen.push(event.id as string);
          if (--left === 0) break;
        }
      } finally {
        cut.abort();
      }
    }
    const expected = (await admin.log(body.id)).filter(({ event }) => event === 'line').map(({ id }) => id);
    expect(seen).toEqual(expected);
  });

  it('is followed live through the one event stream of a page', async () => {
    const { body } = await admin.post(`/environments/${environment.id}/packages`, { packages: ['licensed'] });
    const abort = new AbortController();
    const names = new Set<string | undefined>();
    let status = '';
    for await (const { event, data } of admin.stream(`/events?job=${body.id}`, { signal: abort.signal })) {
      names.add(event);
      if (event === 'job' && data.id === body.id) status = data.status;
      if (names.has('line') && names.has('environment') && status === 'completed') break;
    }
    abort.abort();
    expect([...names]).toEqual(expect.arrayContaining(['job', 'environment', 'line']));
  });
});
