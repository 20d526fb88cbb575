/** How numbers, times and ids are written for people. Pure; `now` is passed in. */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return '–';
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

const STEPS: readonly [limitSeconds: number, divisor: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [60 * 60, 60, 'minute'],
  [24 * 60 * 60, 60 * 60, 'hour'],
  [14 * 24 * 60 * 60, 24 * 60 * 60, 'day'],
  [60 * 24 * 60 * 60, 7 * 24 * 60 * 60, 'week'],
  [2 * 365 * 24 * 60 * 60, 30 * 24 * 60 * 60, 'month'],
  [Number.POSITIVE_INFINITY, 365 * 24 * 60 * 60, 'year'],
];

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'short' });

/** "just now", "3 min. ago", "2 days ago". Clocks that run a little ahead of ours read as "just now" too. */
export function formatRelative(iso: string, now: number): string {
  const seconds = (now - Date.parse(iso)) / 1000;
  if (Number.isNaN(seconds)) return '–';
  if (seconds < 45) return 'just now';
  const [, divisor, unit] = STEPS.find(([limit]) => seconds < limit)!;
  return relative.format(-Math.max(1, Math.round(seconds / divisor)), unit);
}

export function formatTimestamp(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '–';
  return date.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
}

/** "0.4 s", "12 s", "3 min 20 s", "2 h 05 min". */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}

const SPANS: readonly [seconds: number, word: string][] = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
];

/** A configured length of time, in the largest unit in which it is a whole number: "7 days", "36 hours". */
export function formatSpan(seconds: number): string {
  const [divisor, word] = SPANS.find(([length]) => seconds >= length && seconds % length === 0) ?? [
    1,
    'second',
  ];
  return plural(seconds / divisor, word);
}

/** The last part of a UUIDv7 is its random one; the first would be alike for everything made today. */
export function shortId(id: string): string {
  return id.slice(-8);
}

export function plural(count: number, word: string): string {
  return `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`;
}
