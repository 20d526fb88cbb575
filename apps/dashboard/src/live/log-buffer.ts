import type { LogGap, LogLine } from '@darb/models';

export type LogRow =
  | { kind: 'line'; line: LogLine }
  /** Left out by the server because the log reached its limit. */
  | { kind: 'gap'; gap: LogGap }
  /** Numbers that never arrived: said, not hidden. */
  | { kind: 'missing'; epoch: number; from: number; to: number }
  /** A further attempt begins. */
  | { kind: 'attempt'; epoch: number };

export interface PhaseSpan {
  phase: NonNullable<LogLine['phase']>;
  epoch: number;
  /** Row of its first line. */
  row: number;
  startedAt: string;
  lastAt: string;
}

/**
 * The log of one job as it arrives: ordered by (epoch, seq), nothing twice, nothing lost in silence. Rows are only
 * ever added, so a reader may keep indexes; `version` tells React that there are more.
 */
export class LogBuffer {
  readonly rows: LogRow[] = [];
  readonly phases: PhaseSpan[] = [];
  ended = false;
  version = 0;
  /** Length of the longest line, escapes included: what a page has to be wide enough for. */
  widest = 0;
  private epoch = 0;
  private seq = 0;
  private readonly listeners = new Set<() => void>();

  add(entries: readonly ({ line: LogLine } | { gap: LogGap })[]): void {
    const before = this.rows.length;
    for (const entry of entries) {
      if ('line' in entry) this.addLine(entry.line);
      else this.addGap(entry.gap);
    }
    if (this.rows.length !== before) this.changed();
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.changed();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private addLine(line: LogLine): void {
    if (!this.advance(line.epoch, line.seq, line.seq)) return;
    this.rows.push({ kind: 'line', line });
    this.widest = Math.max(this.widest, line.text.length);
    this.notePhase(line);
  }

  private addGap(gap: LogGap): void {
    if (this.advance(gap.epoch, gap.from, gap.to)) this.rows.push({ kind: 'gap', gap });
  }

  /** Moves the position to `to`; false when everything up to there is here already. */
  private advance(epoch: number, from: number, to: number): boolean {
    if (epoch < this.epoch || (epoch === this.epoch && to <= this.seq)) return false;
    if (epoch > this.epoch) {
      if (this.epoch !== 0 || epoch > 1) this.rows.push({ kind: 'attempt', epoch });
      this.epoch = epoch;
      this.seq = 0;
    }
    if (from > this.seq + 1) this.rows.push({ kind: 'missing', epoch, from: this.seq + 1, to: from - 1 });
    this.seq = to;
    return true;
  }

  private notePhase(line: LogLine): void {
    const last = this.phases.at(-1);
    if (last && last.epoch === line.epoch && (line.phase === null || line.phase === last.phase)) {
      last.lastAt = line.time;
      return;
    }
    if (line.phase === null) return;
    // The end of a phase is the beginning of the next one: what lies between is work of the first.
    if (last?.epoch === line.epoch) last.lastAt = line.time;
    const row = this.rows.length - 1;
    this.phases.push({ phase: line.phase, epoch: line.epoch, row, startedAt: line.time, lastAt: line.time });
  }

  private changed(): void {
    this.version += 1;
    for (const listener of this.listeners) listener();
  }
}
