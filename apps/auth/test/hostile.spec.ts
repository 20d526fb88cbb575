import { readFileSync } from 'node:fs';
import { forgedCursors, hostileRequests } from '@darb/service-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuthHarness } from './auth-app.js';

const OPENAPI = JSON.parse(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8')) as object;

describe('hostile requests', () => {
  let auth: AuthHarness;
  beforeAll(async () => (auth = await AuthHarness.start({ DARB_AUTH_REGISTRATION: 'true' })));
  afterAll(() => auth.stop());

  it('get a 4xx, whoever sends them, and leave the service as it was', async () => {
    const authorization = `Bearer ${await auth.adminToken()}`;
    const requests = hostileRequests(OPENAPI)
      // Ending its own session would let the rest of them through only as somebody unknown.
      .filter(({ url }) => !url.includes('/auth/logout'));
    expect(requests.length).toBeGreaterThan(500);
    const failures: string[] = [];
    for (const headers of [{}, { authorization }]) {
      for (const request of requests) {
        const answer = await auth.app.inject({
          ...request,
          headers: { ...request.headers, ...headers },
        } as never);
        if (answer.statusCode >= 500) {
          failures.push(
            `${request.method} ${request.url.slice(0, 100)} ${String(request.payload).slice(0, 100)}`,
          );
        }
      }
    }
    expect(failures).toEqual([]);
    expect((await auth.app.inject('/health/ready')).statusCode).toBe(200);
  }, 120_000);

  it('cannot break a list with a cursor of their own making', async () => {
    const token = await auth.adminToken();
    await auth.createUser('first');
    for (const list of ['users', 'organizations']) {
      const { body } = await auth.call('GET', `/api/v1/${list}?limit=1`, { token });
      for (const cursor of forgedCursors(body.next_cursor as string)) {
        const answer = await auth.call('GET', `/api/v1/${list}?cursor=${encodeURIComponent(cursor)}`, {
          token,
        });
        expect([list, cursor, answer.status >= 500]).toEqual([list, cursor, false]);
      }
    }
  });
});
