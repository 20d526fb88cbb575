import { expect, it } from 'vitest';
import { formatLogPosition, LOG_START, parseLogPosition } from '../logs/log-position.js';
import { parseEventPosition } from './event-position.js';

it('reads what it wrote', () => {
  expect(parseEventPosition('1764000000042')).toBe(1_764_000_000_042);
  expect(parseLogPosition(formatLogPosition({ epoch: 3, seq: 7 }))).toEqual({ epoch: 3, seq: 7 });
});

it.each(['', 'x', '745.12', '-1', '1e3', '9000000000000000000'])('takes %j for no position', (text) => {
  expect(parseEventPosition(text)).toBeNull();
  expect(parseLogPosition(text)).toEqual(LOG_START);
});
