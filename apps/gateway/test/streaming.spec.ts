import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { freePort, waitFor } from '@darb/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type { TestGateway, Upstream } from './gateway.js';
import { answer, startGateway, startUpstream } from './gateway.js';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).toReversed()) await thing.close();
});

async function withJobs(upstream: Promise<Upstream>, settings: Record<string, string> = {}) {
  const jobs = await upstream;
  open.push(jobs);
  return { jobs, gateway: await gatewayTo(jobs.url, settings) };
}

async function gatewayTo(url: string, settings: Record<string, string> = {}): Promise<TestGateway> {
  const gateway = await startGateway({ DARB_JOBS_URL: url, ...settings });
  open.push(gateway);
  return gateway;
}

describe('streams', () => {
  it('pass on each event as it comes, with nothing in between', async () => {
    let stream: ServerResponse | undefined;
    const { gateway } = await withJobs(
      startUpstream((_request, response) => {
        response.writeHead(200, {
          'content-type': 'text/event-stream',
          'cache-control': 'no-cache, no-transform',
        });
        response.flushHeaders();
        stream = response;
      }),
    );
    const response = await fetch(`${gateway.url}/api/v1/jobs/1/logs/stream`, {
      headers: { 'accept-encoding': 'gzip' },
    });
    expect(response.headers.get('content-encoding')).toBeNull();
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    const reader = response.body!.getReader();
    for (const id of ['1-1', '1-2', '1-3']) {
      // Written only after the one before it was read: a buffer anywhere would stop this.
      stream!.write(`id: ${id}\nevent: line\ndata: {}\n\n`);
      const { value } = await reader.read();
      expect(new TextDecoder().decode(value)).toContain(`id: ${id}`);
    }
    await reader.cancel();
  });

  it('carry Last-Event-ID to the service', async () => {
    const { gateway, jobs } = await withJobs(startUpstream());
    await (await fetch(`${gateway.url}/api/v1/events`, { headers: { 'last-event-id': '7.9' } })).text();
    expect(jobs.seen[0]?.headers['last-event-id']).toBe('7.9');
  });

  it("close the service's connection when the reader goes, before and after the first byte", async () => {
    for (const isStarted of [true, false]) {
      let isClosed = false;
      const { gateway, jobs } = await withJobs(
        startUpstream((_request, response) => {
          response.on('close', () => (isClosed = true));
          if (isStarted) response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
        }),
      );
      const abort = new AbortController();
      const request = fetch(`${gateway.url}/api/v1/events`, { signal: abort.signal }).catch(() => null);
      await waitFor(() => jobs.seen.length === 1);
      if (isStarted) await request;
      abort.abort();
      await waitFor(() => isClosed);
    }
  });

  it('end cut, not complete, when the service dies in the middle', async () => {
    const { gateway, jobs } = await withJobs(
      startUpstream((_request, response) => {
        response.writeHead(200, { 'content-type': 'text/plain' });
        response.write('half');
      }),
    );
    const response = await fetch(`${gateway.url}/api/v1/jobs/1/logs`);
    const body = response.text();
    jobs.server.closeAllConnections();
    await expect(body).rejects.toThrow();
  });

  it('upload as they come', async () => {
    let received = '';
    const { gateway } = await withJobs(
      startUpstream((request, response) => {
        request.on('data', (chunk: Buffer) => (received += chunk.toString()));
        request.on('end', () => answer(response, 200, {}));
      }),
    );
    const chunks = async function* () {
      yield Buffer.from('one');
      await waitFor(() => received === 'one');
      yield Buffer.from('two');
    };
    const response = await fetch(`${gateway.url}/api/v1/jobs`, {
      method: 'POST',
      body: chunks() as never,
      duplex: 'half',
    } as RequestInit);
    expect(response.status).toBe(200);
    expect(received).toBe('onetwo');
  });

  it('are cut at once when the gateway stops, while an ordinary request may finish', async () => {
    let slow: ServerResponse | undefined;
    const { gateway, jobs } = await withJobs(
      startUpstream((request, response) => {
        if (request.url === '/api/v1/events') {
          response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
        } else slow = response;
      }),
    );
    const stream = await fetch(`${gateway.url}/api/v1/events`);
    const request = fetch(`${gateway.url}/api/v1/jobs/1`);
    await waitFor(() => jobs.seen.length === 2);
    const closed = gateway.close();
    await expect(stream.text()).rejects.toThrow();
    answer(slow!, 200, { id: 1 });
    expect(await (await request).json()).toEqual({ id: 1 });
    await closed;
  });
});

describe('a service that is away', () => {
  it.each([
    ['GET', {}],
    ['DELETE', {}],
    ['POST', { 'idempotency-key': 'k' }],
    ['POST', {}],
  ])('is waited for: %s %j arrives once it is back', async (method, headers) => {
    const port = await freePort();
    const gateway = await gatewayTo(`http://127.0.0.1:${port}`, { DARB_GATEWAY_RETRY_SECONDS: '30' });
    const body = method === 'POST' ? '{"a":1}' : undefined;
    const response = fetch(`${gateway.url}/api/v1/jobs`, { method, headers, body });
    const jobs = await startUpstream(undefined, port);
    open.push(jobs);
    expect((await response).status).toBe(200);
    expect(jobs.seen.map((seen) => [seen.method, seen.body])).toEqual([[method, body ?? '']]);
  });

  it('is given up after the configured time: 503 with what to do', async () => {
    const port = await freePort();
    const gateway = await gatewayTo(`http://127.0.0.1:${port}`, { DARB_GATEWAY_RETRY_SECONDS: '0.2' });
    const response = await fetch(`${gateway.url}/api/v1/jobs`);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('2');
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    const problem = (await response.json()) as Record<string, unknown>;
    expect(problem).toMatchObject({ status: 503, code: 'service_unavailable', service: 'jobs' });
    expect(problem['request_id']).toBe(response.headers.get('x-request-id'));
  });
});

describe('a connection that breaks before the answer', () => {
  /** Takes connections, reads the request, and hangs up the first `times` times. */
  async function startFlaky(times: number) {
    let requests = 0;
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        requests++;
        if (requests <= times) socket.destroy();
        else socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push({ close: () => new Promise((resolve) => server.close(() => resolve())) });
    const { port } = server.address() as { port: number };
    return { url: `http://127.0.0.1:${port}`, requests: () => requests };
  }

  it.each([
    ['GET', {}],
    ['POST', { 'idempotency-key': 'k' }],
  ])('is tried again for %s %j', async (method, headers) => {
    const flaky = await startFlaky(2);
    const gateway = await gatewayTo(flaky.url);
    const body = method === 'POST' ? '{}' : undefined;
    const response = await fetch(`${gateway.url}/api/v1/jobs`, { method, headers, body });
    expect(response.status).toBe(200);
    expect(flaky.requests()).toBe(3);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])(
    'is not tried again for %s: the service may have done the work',
    async (method) => {
      const flaky = await startFlaky(2);
      const gateway = await gatewayTo(flaky.url);
      const response = await fetch(`${gateway.url}/api/v1/jobs`, { method });
      expect(response.status).toBe(503);
      expect(flaky.requests()).toBe(1);
    },
  );

  it('is not tried again once the client has gone', async () => {
    const flaky = await startFlaky(Number.POSITIVE_INFINITY);
    const gateway = await gatewayTo(flaky.url, { DARB_GATEWAY_RETRY_SECONDS: '30' });
    const abort = new AbortController();
    const response = fetch(`${gateway.url}/api/v1/jobs`, { signal: abort.signal }).catch(() => null);
    await waitFor(() => flaky.requests() >= 2);
    abort.abort();
    await response;
    await gateway.close();
    open.pop();
    const requests = flaky.requests();
    // Longer than the next delay would have been; nothing comes.
    await expect(waitFor(() => flaky.requests() > requests + 1, { timeoutMs: 1_500 })).rejects.toThrow();
  });
});

describe("the service's own answers", () => {
  it.each([204, 304, 404, 409, 422, 500, 503])(
    '%i is passed on as it is and never repeated',
    async (status) => {
      const { gateway, jobs } = await withJobs(
        startUpstream((_request, response) => {
          response.writeHead(status, { 'x-own': 'yes', 'retry-after': '9' });
          response.end();
        }),
      );
      const response = await fetch(`${gateway.url}/api/v1/jobs/1`);
      expect(response.status).toBe(status);
      expect(response.headers.get('x-own')).toBe('yes');
      expect(response.headers.get('retry-after')).toBe('9');
      expect(jobs.seen.length).toBe(1);
    },
  );

  it('keep several cookies, lose what is of one connection, and never show a private address', async () => {
    const { gateway } = await withJobs(
      startUpstream((request, response) => {
        response.setHeader('set-cookie', ['a=1', 'b=2']);
        response.setHeader('connection', 'x-hop');
        response.setHeader('x-hop', '1');
        response.setHeader('location', `http://${request.headers.host}/login?next=%2Fa`);
        response.writeHead(307).end();
      }),
    );
    const response = await fetch(`${gateway.url}/api/v1/jobs`, { redirect: 'manual' });
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(response.headers.get('x-hop')).toBeNull();
    expect(response.headers.get('location')).toBe('/login?next=%2Fa');
  });
});
