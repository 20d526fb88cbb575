import { describe, expect, it } from 'vitest';
import { formatBytes, formatDuration, formatRelative, plural } from './format';

describe('formatBytes', () => {
  it.each([
    [null, '–'],
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [123_456, '123 kB'],
    [45_600_000, '45.6 MB'],
    [7_100_000_000_000_000, '7100 TB'],
  ])('%s is %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});

describe('formatRelative', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');
  it.each([
    ['2026-03-01T12:00:05Z', 'just now'],
    ['2026-03-01T11:59:30Z', 'just now'],
    ['2026-03-01T11:59:00Z', '1 min. ago'],
    ['2026-03-01T09:00:00Z', '3 hr. ago'],
    ['2026-02-27T12:00:00Z', '2 days ago'],
    ['2025-03-01T12:00:00Z', '12 mo. ago'],
    ['nonsense', '–'],
  ])('%s is %s', (iso, text) => expect(formatRelative(iso, now)).toBe(text));
});

describe('formatDuration', () => {
  it.each([
    [-5, '0.0 s'],
    [420, '0.4 s'],
    [9_960, '10 s'],
    [59_400, '59 s'],
    [200_000, '3 min 20 s'],
    [7_500_000, '2 h 05 min'],
  ])('%d ms is %s', (ms, text) => expect(formatDuration(ms)).toBe(text));
});

describe('plural', () => {
  it('counts', () => {
    expect(plural(1, 'package')).toBe('1 package');
    expect(plural(1200, 'line')).toBe('1,200 lines');
  });
});
