import { expect, it } from 'vitest';
import { formatLogPosition, LOG_START, parseLogPosition } from '../logs/log-position.js';
import { formatEventPosition, isAfter, parseEventPosition } from './event-position.js';

it('reads what it wrote, beyond 53 bits too', () => {
  const position = { xid: 18_000_000_000_000_000_001n % 2n ** 63n, id: 42 };
  expect(parseEventPosition(formatEventPosition(position))).toEqual(position);
  expect(parseLogPosition(formatLogPosition({ epoch: 3, seq: 7 }))).toEqual({ epoch: 3, seq: 7 });
});

it.each(['', 'x', '1', '1.', '.1', '1.2.3', '-1.2', undefined])('takes %j for no position', (text) => {
  expect(parseEventPosition(text)).toBeNull();
  expect(parseLogPosition(text)).toEqual(LOG_START);
});

it('orders by transaction, then by id', () => {
  expect(isAfter({ xid: 10n, id: 1 }, { xid: 9n, id: 99 })).toBe(true);
  expect(isAfter({ xid: 10n, id: 2 }, { xid: 10n, id: 1 })).toBe(true);
  expect(isAfter({ xid: 10n, id: 1 }, { xid: 10n, id: 1 })).toBe(false);
});
