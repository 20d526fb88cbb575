import { readFileSync } from 'node:fs';
import { forgedCursors, hostileRequests } from '@darb/service-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JobsStack, UPDATE } from './support/jobs-stack.js';

const OPENAPI = JSON.parse(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8')) as object;

describe('hostile requests', () => {
  let stack: JobsStack;
  let jobId: string;
  beforeAll(async () => {
    stack = await JobsStack.start();
    const environment = await stack.addEnvironment();
    jobId = await stack.request(environment);
    await stack.request(environment, UPDATE);
  });
  afterAll(() => stack.stop());

  /** Only the head of the answer: some are streams that do not end. */
  const statusOf = async (url: string, init: RequestInit, user?: typeof stack.owner) => {
    const response = await stack.fetch(url, init, user);
    await response.body?.cancel();
    return response.status;
  };

  it('get a 4xx and leave the service as it was', async () => {
    const requests = hostileRequests(OPENAPI, jobId);
    expect(requests.length).toBeGreaterThan(200);
    const failures: string[] = [];
    for (const { url, payload, ...init } of requests) {
      const status = await statusOf(url, {
        ...init,
        ...(payload === undefined ? {} : { body: payload as never }),
      });
      if (status >= 500)
        failures.push(`${status} ${init.method} ${url.slice(0, 100)} ${String(payload).slice(0, 100)}`);
    }
    expect(failures).toEqual([]);
    expect(await statusOf('/health/ready', {})).toBe(200);
  }, 180_000);

  it('cannot break a list with a cursor of their own making', async () => {
    const page = (await (await stack.fetch('/api/v1/jobs?limit=1')).json()) as { next_cursor: string };
    for (const cursor of forgedCursors(page.next_cursor)) {
      const status = await statusOf(`/api/v1/jobs?cursor=${encodeURIComponent(cursor)}`, {});
      expect([cursor, status >= 500]).toEqual([cursor, false]);
    }
  });
});
