import type { LogLine } from '@darb/models';
import { describe, expect, it, vi } from 'vitest';
import { LogBuffer } from './log-buffer';

const line = (seq: number, epoch = 1, over: Partial<LogLine> = {}) => ({
  line: {
    seq,
    epoch,
    time: `2026-01-01T00:00:${String(seq).padStart(2, '0')}.000Z`,
    stream: 'stdout',
    phase: 'solve',
    text: `${epoch}-${seq}`,
    ...over,
  } as LogLine,
});

const texts = (buffer: LogBuffer) =>
  buffer.rows.map((row) =>
    row.kind === 'line' ? row.line.text : row.kind === 'attempt' ? `#${row.epoch}` : `${row.kind}`,
  );

describe('LogBuffer', () => {
  it('shows a line once, however often it is sent', () => {
    const buffer = new LogBuffer();
    buffer.add([line(1), line(2)]);
    buffer.add([line(1), line(2), line(3)]);
    expect(texts(buffer)).toEqual(['1-1', '1-2', '1-3']);
  });

  it('says what did not arrive', () => {
    const buffer = new LogBuffer();
    buffer.add([line(1), line(4)]);
    expect(buffer.rows[1]).toEqual({ kind: 'missing', epoch: 1, from: 2, to: 3 });
  });

  it('takes a gap in place of its lines', () => {
    const buffer = new LogBuffer();
    const gap = { gap: { epoch: 1, from: 2, to: 90, bytes: 5000 } };
    buffer.add([line(1), gap, line(91)]);
    buffer.add([gap, line(90)]);
    expect(texts(buffer)).toEqual(['1-1', 'gap', '1-91']);
  });

  it('marks a further attempt and takes nothing more from the one before', () => {
    const buffer = new LogBuffer();
    buffer.add([line(1), line(1, 2), line(2), line(2, 2)]);
    expect(texts(buffer)).toEqual(['1-1', '#2', '2-1', '2-2']);
  });

  it('marks the attempt when the log begins at a later one', () => {
    const buffer = new LogBuffer();
    buffer.add([line(1, 3)]);
    expect(texts(buffer)).toEqual(['#3', '3-1']);
  });

  it('measures phases from their first line to the next one', () => {
    const buffer = new LogBuffer();
    buffer.add([
      line(1),
      line(2, 1, { phase: null }),
      line(3),
      line(7, 1, { phase: 'install' }),
      line(9, 1, { phase: 'install' }),
    ]);
    expect(
      buffer.phases.map(({ phase, startedAt, lastAt }) => [
        phase,
        startedAt.slice(17, 19),
        lastAt.slice(17, 19),
      ]),
    ).toEqual([
      ['solve', '01', '07'],
      ['install', '07', '09'],
    ]);
  });

  it('tells its readers once for a batch, and not at all for nothing new', () => {
    const buffer = new LogBuffer();
    const listener = vi.fn();
    buffer.subscribe(listener);
    buffer.add([line(1), line(2), line(3)]);
    buffer.add([line(2)]);
    expect(listener).toHaveBeenCalledTimes(1);
    buffer.end();
    buffer.end();
    expect(listener).toHaveBeenCalledTimes(2);
  });
});
