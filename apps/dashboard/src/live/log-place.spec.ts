import type { LogLine } from '@darb/models';
import { describe, expect, it } from 'vitest';
import { LogBuffer } from './log-buffer';
import { parsePlace, placeHash, rowAt } from './log-place';

const line = (epoch: number, seq: number) => ({
  line: { epoch, seq, time: '', stream: 'stdout', phase: null, text: '' } satisfies LogLine,
});

describe('the address of a line', () => {
  it('is read back as it was written', () => {
    for (const place of [
      { epoch: 1, seq: 12 },
      { epoch: 3, seq: 1 },
    ]) {
      expect(parsePlace(placeHash(place))).toEqual(place);
    }
    expect(placeHash({ epoch: 1, seq: 12 })).toBe('#L12');
  });

  it('is nothing when it is something else', () => {
    for (const hash of ['', '#L0', '#L-4', '#L1-0', '#main', '#L1x', '#L99999999999999999']) {
      expect(parsePlace(hash)).toBeNull();
    }
  });
});

describe('rowAt', () => {
  const log = new LogBuffer();
  log.add([
    line(1, 1),
    line(1, 2),
    { gap: { epoch: 1, from: 3, to: 90, bytes: 10 } },
    line(1, 91),
    line(2, 1),
  ]);

  it('finds a line in its attempt, and what stands in place of it', () => {
    expect(rowAt(log.rows, { epoch: 1, seq: 2 })).toBe(1);
    expect(rowAt(log.rows, { epoch: 1, seq: 40 })).toBe(2);
    expect(rowAt(log.rows, { epoch: 1, seq: 91 })).toBe(3);
    expect(log.rows[rowAt(log.rows, { epoch: 2, seq: 1 })]).toMatchObject({
      kind: 'line',
      line: { epoch: 2 },
    });
  });

  it('says when it has not arrived', () => {
    expect(rowAt(log.rows, { epoch: 2, seq: 2 })).toBe(-1);
    expect(rowAt(log.rows, { epoch: 1, seq: 92 })).toBe(-1);
    expect(rowAt([], { epoch: 1, seq: 1 })).toBe(-1);
  });
});
