import { describe, expect, it } from 'vitest';
import { persist } from './persist.js';

const FAST = { firstDelayMs: 1, maxDelayMs: 2 };

describe('persist', () => {
  it('repeats what is transient until it works', async () => {
    let calls = 0;
    const call = async () => {
      if (++calls < 4) throw new Error('away');
      return 'answer';
    };
    const { signal: over } = new AbortController();
    expect(await persist(call, { over, isTransient: () => true, ...FAST })).toBe('answer');
    expect(calls).toBe(4);
  });

  it('throws at once what repeating will not change', async () => {
    let calls = 0;
    const call = async () => {
      calls++;
      throw new Error('no');
    };
    const { signal: over } = new AbortController();
    await expect(persist(call, { over, isTransient: () => false, ...FAST })).rejects.toThrow('no');
    expect(calls).toBe(1);
  });

  it('gives up when it is over, with the reason', async () => {
    const controller = new AbortController();
    const call = async () => {
      controller.abort(new Error('the epoch is over'));
      throw new Error('away');
    };
    const started = persist(call, { over: controller.signal, isTransient: () => true, firstDelayMs: 60_000 });
    await expect(started).rejects.toThrow('the epoch is over');
  });
});
