import { describe, expect, it } from 'vitest';
import { drawSchedule, FAULT_KINDS } from './faults/schedule.js';
import { Random } from './random.js';

describe('a seed', () => {
  const faults = (seed: number) =>
    drawSchedule(Random.of(seed, 'faults'), FAULT_KINDS, 100, 1_000).map(({ kind, plan, pauseMs }) => ({
      kind: kind.name,
      plan,
      pauseMs,
    }));

  it('repeats the faults of a run', () => {
    expect(faults(42)).toEqual(faults(42));
    expect(faults(42)).not.toEqual(faults(43));
  });

  it('gives every purpose numbers of its own', () => {
    const first = (purpose: string) => Random.of(1, purpose).next();
    expect(new Set(['faults', 'person1', 'person2'].map(first)).size).toBe(3);
  });

  it('reaches every kind of fault', () => {
    const kinds = drawSchedule(Random.of(7, 'faults'), FAULT_KINDS, 5_000, 1).map(({ kind }) => kind.name);
    expect(new Set(kinds)).toEqual(new Set(FAULT_KINDS.map(({ name }) => name)));
  });
});
