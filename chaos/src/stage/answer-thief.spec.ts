import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AnswerThief, internalRoute } from './answer-thief.js';
import { Link } from './link.js';

const seen: string[] = [];
const service = createServer((request, response) => {
  seen.push(request.url ?? '');
  response.end('carried out');
});
let link: Link;
let thief: AnswerThief;

beforeEach(async () => {
  seen.length = 0;
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  thief = await AnswerThief.open((service.address() as AddressInfo).port);
  link = await Link.open('test', thief.port);
});

afterEach(async () => {
  await link.close();
  await thief.close();
  service.closeAllConnections();
  await new Promise((resolve) => service.close(resolve));
});

const ask = async (path: string) => (await fetch(`http://127.0.0.1:${link.port}${path}`)).text();

it('carries a request out and loses its answer, as often as it was told to', async () => {
  thief.lose('finish', 1);
  const path = '/internal/jobs/1/epochs/1/finish';
  await expect(ask(path)).rejects.toThrow();
  expect(await ask(path)).toBe('carried out');
  expect(seen).toEqual([path, path]);
  expect(thief.lost.get('finish')).toBe(1);
});

describe('a line', () => {
  it('that refuses lets nobody through until it is healed', async () => {
    link.set('refuse');
    await expect(ask('/')).rejects.toThrow();
    link.heal();
    expect(await ask('/')).toBe('carried out');
  });

  it('that stalls answers once it is healed', async () => {
    link.set('stall');
    const answer = ask('/');
    setTimeout(() => link.heal(), 200);
    expect(await answer).toBe('carried out');
  });
});

it.each([
  ['/internal/workers', 'register'],
  ['/internal/workers/1/heartbeat', 'heartbeat'],
  ['/internal/jobs/1/claim', 'claim'],
  ['/internal/jobs/1/epochs/2/logs?first_seq=1', 'logs'],
  ['/internal/jobs/1/epochs/2/published', 'published'],
  ['/health/ready', null],
])('knows the route of %s', (path, route) => {
  expect(internalRoute(path)).toBe(route);
});
