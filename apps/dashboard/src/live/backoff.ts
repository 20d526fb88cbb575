const FIRST_MS = 500;
const MOST_MS = 15_000;

/** Pause before attempt n (from 1). Jitter keeps the tabs of a team from coming back all at once. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const full = Math.min(MOST_MS, FIRST_MS * 2 ** (attempt - 1));
  return Math.round(full / 2 + (random() * full) / 2);
}
