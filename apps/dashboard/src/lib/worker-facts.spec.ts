import { describe, expect, it } from 'vitest';
import { freeSlots, missingLimits } from './worker-facts';

describe('missingLimits', () => {
  it('names what is not enforced, in words', () => {
    const sandbox = (...limits: string[]) => ({ sandbox: { mode: 'off' as const, reason: null, limits } });
    expect(missingLimits(sandbox('disk'))).toEqual(['memory', 'number of processes']);
    expect(missingLimits(sandbox('memory', 'pids', 'disk', 'cpu'))).toEqual([]);
  });
});

describe('freeSlots', () => {
  it('counts only workers that take jobs', () => {
    const worker = (status: 'live' | 'draining' | 'silent', slots: number, running: number) => ({
      status,
      slots,
      running,
    });
    const workers = [
      worker('live', 4, 1),
      worker('draining', 4, 0),
      worker('silent', 2, 0),
      worker('live', 1, 2),
    ];
    expect(freeSlots(workers)).toBe(3);
  });
});
