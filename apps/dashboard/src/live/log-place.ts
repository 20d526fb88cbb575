import type { LogRow } from './log-buffer';

/** Where a line stands, as an address says it: `#L12` is line 12 of the first attempt, `#L2-12` of the second. */
export interface LogPlace {
  epoch: number;
  seq: number;
}

export function placeHash({ epoch, seq }: LogPlace): string {
  return epoch === 1 ? `#L${seq}` : `#L${epoch}-${seq}`;
}

export function parsePlace(hash: string): LogPlace | null {
  const match = /^#L(?:([1-9]\d{0,8})-)?([1-9]\d{0,14})$/.exec(hash);
  return match ? { epoch: Number(match[1] ?? 1), seq: Number(match[2]) } : null;
}

/** The row that shows a line, or stands in place of it; -1 while it has not arrived. Rows are in order. */
export function rowAt(rows: readonly LogRow[], place: LogPlace): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(lastOf(rows[middle]!), place)) low = middle + 1;
    else high = middle;
  }
  const row = rows[low];
  return row !== undefined && lastOf(row).epoch === place.epoch ? low : -1;
}

function lastOf(row: LogRow): LogPlace {
  switch (row.kind) {
    case 'line':
      return row.line;
    case 'gap':
      return { epoch: row.gap.epoch, seq: row.gap.to };
    case 'missing':
      return { epoch: row.epoch, seq: row.to };
    case 'attempt':
      return { epoch: row.epoch, seq: 0 };
  }
}

function isBefore(a: LogPlace, b: LogPlace): boolean {
  return a.epoch < b.epoch || (a.epoch === b.epoch && a.seq < b.seq);
}
