import { describe, expect, it } from 'vitest';
import { Patience } from './patience.js';

describe('patience', () => {
  it('is over after its time', () => {
    let now = 0;
    const patience = new Patience(10_000, () => now);
    for (now = 1_000; now < 10_000; now += 1_000) expect(patience.isOver).toBe(false);
    expect(patience.isOver).toBe(true);
  });

  it('does not count the time in which the machine slept', () => {
    let now = 0;
    const patience = new Patience(10_000, () => now);
    now = 3_600_000;
    expect(patience.isOver).toBe(false);
    now += 3_000;
    expect(patience.isOver).toBe(false);
    now += 3_000;
    expect(patience.isOver).toBe(true);
  });
});
