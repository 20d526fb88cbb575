import type { LogRow } from '../live/log-buffer';
import { stripAnsi } from './ansi';

const texts = new WeakMap<LogRow, string>();

/** What a row says, without colours; kept, because a search reads all rows at every key press. */
export function rowText(row: LogRow): string {
  if (row.kind !== 'line') return '';
  let text = texts.get(row);
  if (text === undefined) {
    text = stripAnsi(row.line.text);
    texts.set(row, text);
  }
  return text;
}

/** Rows that contain a text, whatever the case. Rows are only ever added, so each is looked at once. */
export class LogSearch {
  readonly matches: number[] = [];
  private readonly wanted: string;
  private next = 0;

  constructor(readonly query: string) {
    this.wanted = query.toLowerCase();
  }

  extend(rows: readonly LogRow[]): readonly number[] {
    if (this.wanted === '') return this.matches;
    for (; this.next < rows.length; this.next += 1) {
      if (rowText(rows[this.next]!).toLowerCase().includes(this.wanted)) this.matches.push(this.next);
    }
    return this.matches;
  }
}

export interface Marked<T> {
  part: T;
  isHit: boolean;
}

/** Cuts coloured parts where the searched text begins and ends, also when it lies across several of them. */
export function markHits<T extends { text: string }>(parts: readonly T[], query: string): Marked<T>[] {
  const wanted = query.toLowerCase();
  const whole = parts.map(({ text }) => text).join('');
  const lower = whole.toLowerCase();
  // A letter whose lower case is longer would shift all that follows: rather no mark than a wrong one.
  if (wanted === '' || lower.length !== whole.length) return parts.map((part) => ({ part, isHit: false }));
  const cuts: number[] = [];
  for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, at + wanted.length)) {
    cuts.push(at, at + wanted.length);
  }
  const marked: Marked<T>[] = [];
  let offset = 0;
  for (const part of parts) {
    const end = offset + part.text.length;
    const inside = cuts.filter((cut) => cut > offset && cut < end);
    let from = offset;
    for (const to of [...inside, end]) {
      // An odd number of cuts behind it: between the beginning and the end of a hit.
      const isHit = cuts.filter((cut) => cut <= from).length % 2 === 1;
      marked.push({ part: { ...part, text: part.text.slice(from - offset, to - offset) }, isHit });
      from = to;
    }
    offset = end;
  }
  return marked;
}
