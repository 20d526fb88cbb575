import { waitFor } from '@darb/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CREATE, JobsStack, UPDATE, WAIT } from './support/jobs-stack.js';

interface Page {
  items: { id: string; status: string; environment_id: string; type: string }[];
  next_cursor: string | null;
}

describe('lists', () => {
  let stack: JobsStack;
  let environments: string[];
  let jobs: string[];

  beforeAll(async () => {
    stack = await JobsStack.start();
    environments = [await stack.addEnvironment(), await stack.addEnvironment()];
    jobs = [];
    for (let index = 0; index < 7; index += 1) {
      jobs.push(await stack.request(environments[index % 2]!, index < 2 ? CREATE : UPDATE));
    }
  });
  afterAll(() => stack.stop());

  async function list(query: string, user = stack.owner): Promise<Page> {
    const response = await stack.fetch(`/api/v1/jobs${query}`, {}, user);
    expect(response.status).toBe(200);
    return (await response.json()) as Page;
  }

  async function allPages(query: string, user = stack.owner): Promise<string[]> {
    const ids: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Page = await list(`${query}&cursor=${encodeURIComponent(cursor)}`, user);
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor;
    }
    return ids;
  }

  it('give every job once, newest first, page by page', async () => {
    expect(await allPages('?limit=2')).toEqual(jobs.toReversed());
    expect(await allPages('?limit=200')).toEqual(jobs.toReversed());
  });

  it('filter by environment, status and type', async () => {
    const ofFirst = jobs.filter((_, index) => index % 2 === 0).toReversed();
    expect(await allPages(`?limit=3&environment_id=${environments[0]}`)).toEqual(ofFirst);
    expect(await allPages('?limit=3&type=create')).toEqual(jobs.slice(0, 2).toReversed());
    expect(await allPages('?limit=3&status=completed')).toEqual([]);
    expect((await stack.fetch('/api/v1/jobs?status=sleeping')).status).toBe(422);
    expect((await stack.fetch('/api/v1/jobs?colour=red')).status).toBe(422);
    const { next_cursor } = await list('?limit=2');
    const mixed = await stack.fetch(`/api/v1/jobs?limit=2&type=create&cursor=${next_cursor}`);
    expect([mixed.status, ((await mixed.json()) as { code: string }).code]).toEqual([400, 'cursor_mismatch']);
  });

  it('show to others only what is theirs or shared with them', async () => {
    const other = await stack.identity.createUser(stack.database, 'other');
    expect(await allPages('?limit=2', other)).toEqual([]);
    const own = await stack.request(await stack.addEnvironment(other), CREATE, other);
    await stack.database.query(
      `INSERT INTO environments.access_grants (id, environment_id, user_id, role, created_by)
       VALUES (gen_random_uuid(), $1, $2, 'viewer', $3)`,
      [environments[0], other.userId, stack.owner.userId],
    );
    const ofFirst = jobs.filter((_, index) => index % 2 === 0).toReversed();
    expect(await allPages('?limit=2', other)).toEqual([own, ...ofFirst]);
    expect(await allPages(`?limit=2&environment_id=${environments[1]}`, other)).toEqual([]);
    expect(await allPages(`?limit=2&environment_id=${environments[0]}`, other)).toEqual(ofFirst);
    const admin = await stack.identity.createUser(stack.database, 'boss', 'admin');
    expect(await allPages('?limit=3', admin)).toEqual([own, ...jobs.toReversed()]);
  });

  it('show workers and the queue', async () => {
    const before = (await (await stack.fetch('/api/v1/queue')).json()) as Record<string, unknown>;
    expect(before).toMatchObject({ pending: 7, running: 0, slots: 0, slots_used: 0 });
    const ready = () =>
      fetch(`${stack.url}/health/ready`).then(async (response) => response.json() as Promise<object>);
    expect(await ready()).toMatchObject({ status: 'ok', workers: { live: 0 } });
    const worker = await stack.addWorker(async (run) => {
      await waitFor(
        async () => ((await (await stack.fetch('/api/v1/queue')).json()) as { running: number }).running > 0,
        WAIT,
      );
      await run.finish({
        outcome: 'failed',
        error: { code: 'x', family: 'user', message: 'no', extract: null },
      });
    });
    expect(await (await stack.fetch('/api/v1/workers')).json()).toMatchObject({
      items: [{ id: worker.id, status: 'live', slots: 1, sandbox: { mode: 'off' } }],
    });
    expect(await ready()).toMatchObject({ workers: { live: 1 } });
    for (const id of jobs) await stack.jobInStatus(id, 'failed');
    // One at a time in an environment, in the order of the requests.
    const order = worker.claims.map((claim) => claim.work_order.job_id);
    for (const parity of [0, 1]) {
      const mine = jobs.filter((_, index) => index % 2 === parity);
      expect(order.filter((id) => mine.includes(id))).toEqual(mine);
    }
  });

  it('repeat a cancel that carries an Idempotency-Key', async () => {
    const id = await stack.request(await stack.addEnvironment());
    const cancel = () =>
      stack.fetch(`/api/v1/jobs/${id}/cancel`, { method: 'POST', headers: { 'idempotency-key': 'k-1' } });
    const first = await cancel();
    const second = await cancel();
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(await second.json()).toEqual(await first.json());
  });
});
