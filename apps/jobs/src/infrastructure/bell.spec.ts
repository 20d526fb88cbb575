import { expect, it } from 'vitest';
import { Bell } from './bell.js';

it('keeps a ring that came while nobody waited, once', async () => {
  const bell = new Bell();
  bell.ring();
  bell.ring();
  expect(await bell.wait(60_000)).toBe(true);
  const second = bell.wait(60_000).then(() => 'rung');
  expect(await Promise.race([second, Promise.resolve('waiting')])).toBe('waiting');
  bell.ring();
  expect(await second).toBe('rung');
});

it('ends with the signal and with the time', async () => {
  const stop = new AbortController();
  const waiting = new Bell().wait(60_000, stop.signal);
  stop.abort();
  await waiting;
  await new Bell().wait(60_000, stop.signal);
  expect(await new Bell().wait(1)).toBe(false);
});
