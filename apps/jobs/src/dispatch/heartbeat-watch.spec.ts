import { expect, it } from 'vitest';
import { HeartbeatWatch } from './heartbeat-watch.js';

/** A whole number, so that adding seconds to it and taking them away again is exact. */
const now = (): number => Math.ceil(performance.now());

/** Signs each second from `from` to `to`, in seconds after `start`. */
function sign(watch: HeartbeatWatch, start: number, from: number, to: number): void {
  for (let second = from; second <= to; second += 1) watch.noteSign(start + second * 1_000);
}

it('judges nobody before it has listened for a whole lease', () => {
  const start = now();
  const watch = new HeartbeatWatch();
  sign(watch, start, 1, 9);
  expect(watch.mayJudge(start + 9_000)).toBe(false);
  sign(watch, start, 10, 11);
  expect(watch.mayJudge(start + 11_000)).toBe(true);
});

it('begins anew after it could not record heartbeats itself', () => {
  const start = now();
  const watch = new HeartbeatWatch();
  sign(watch, start, 1, 20);
  expect(watch.mayJudge(start + 24_000)).toBe(false);
  sign(watch, start, 30, 39);
  expect(watch.mayJudge(start + 39_000)).toBe(false);
  sign(watch, start, 40, 40);
  expect(watch.mayJudge(start + 40_000)).toBe(true);
});
