import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEnvironmentsClient, createJobsClient, streamEvents, StreamError } from './index.js';

let server: Server;
let baseUrl: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.headers.authorization !== 'Bearer t') {
      response.writeHead(401, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify({ code: 'unauthenticated', status: 401 }));
    } else if (request.url === '/api/v1/jobs/j/logs/stream') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const from = request.headers['last-event-id'] === '1-1' ? 2 : 1;
      response.write(': ping\n\n');
      for (let seq = from; seq <= 2; seq++) {
        response.write(`id: 1-${seq}\nevent: line\ndata: {"seq":${seq},\ndata: "text":"ü"}\n\n`);
      }
      response.end('event: end\ndata: {}\n\n');
    } else {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ url: request.url, method: request.method }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

describe('clients', () => {
  it('fill in paths and queries and send the token', async () => {
    const client = createEnvironmentsClient({ baseUrl, token: () => 't' });
    const { data } = await client.GET('/api/v1/environments/{id}/packages', {
      params: { path: { id: 'a b' }, query: { limit: 5 } },
    });
    expect(data).toEqual({ method: 'GET', url: '/api/v1/environments/a%20b/packages?limit=5' });
  });

  it('answer a problem as data', async () => {
    const { error, response } = await createJobsClient({ baseUrl }).GET('/api/v1/jobs');
    expect(response.status).toBe(401);
    expect(error).toMatchObject({ code: 'unauthenticated' });
  });
});

describe('streamEvents', () => {
  const url = () => `${baseUrl}/api/v1/jobs/j/logs/stream`;

  it('reads every event to the end, data over several lines included', async () => {
    const events = [];
    for await (const event of streamEvents(url(), { token: 't' })) events.push(event);
    expect(events.map(({ id, event }) => [id, event])).toEqual([
      ['1-1', 'line'],
      ['1-2', 'line'],
      [undefined, 'end'],
    ]);
    expect(JSON.parse(events[0]!.data)).toEqual({ seq: 1, text: 'ü' });
  });

  it('resumes after an id, and may be left early', async () => {
    for await (const event of streamEvents(url(), { token: 't', lastEventId: '1-1' })) {
      expect(event.id).toBe('1-2');
      break;
    }
  });

  it('throws the problem when it is refused', async () => {
    const stream = streamEvents(url());
    await expect(stream.next()).rejects.toThrow(StreamError);
  });
});
