import { describe, expect, it } from 'vitest';
import type { LogRow } from '../live/log-buffer';
import { LogSearch, markHits } from './log-search';

const row = (text: string) => ({ kind: 'line', line: { text } }) as LogRow;

describe('LogSearch', () => {
  it('finds rows whatever the case and colour, also those that come later', () => {
    const rows: LogRow[] = [row('Resolved'), row('+ \u001b[1mri\u001b[0mch'), { kind: 'attempt', epoch: 2 }];
    const search = new LogSearch('RICH');
    expect(search.extend(rows)).toEqual([1]);
    rows.push(row('rich again'));
    expect(search.extend(rows)).toEqual([1, 3]);
    expect(search.extend(rows)).toEqual([1, 3]);
  });

  it('finds nothing with nothing', () => {
    expect(new LogSearch('').extend([row('x')])).toEqual([]);
  });
});

describe('markHits', () => {
  const mark = (texts: string[], query: string) =>
    markHits(
      texts.map((text) => ({ text })),
      query,
    ).map(({ part, isHit }) => (isHit ? `[${part.text}]` : part.text));

  it('marks every hit, across parts too', () => {
    expect(mark(['a rich b Rich'], 'rich')).toEqual(['a ', '[rich]', ' b ', '[Rich]']);
    expect(mark(['+ ri', 'ch', ' ok'], 'rich')).toEqual(['+ ', '[ri]', '[ch]', ' ok']);
    expect(mark(['xx', 'xx'], 'xx')).toEqual(['[xx]', '[xx]']);
    expect(mark(['aaa'], 'aa')).toEqual(['[aa]', 'a']);
  });

  it('loses no text', () => {
    expect(mark(['none'], 'x')).toEqual(['none']);
    expect(mark(['none'], '')).toEqual(['none']);
    expect(mark(['İx'], 'x').join('')).toBe('İx');
  });
});
