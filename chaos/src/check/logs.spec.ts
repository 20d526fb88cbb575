import { describe, expect, it } from 'vitest';
import { Findings } from '../findings.js';
import type { LogRecord } from '../load/log-reader.js';
import type { ClaimRow } from './database.js';
import { checkReader, checkSequence } from './logs.js';

const line = (seq: number, epoch = 1): LogRecord => ({ epoch, seq, text: `line ${seq}` });
const claim = (endReason: string): ClaimRow => ({
  job_id: 'job',
  epoch: 1,
  worker_id: 'worker',
  claimed_at: new Date(1_000),
  ended_at: new Date(5_000),
  end_reason: endReason,
  log_closed_at: new Date(6_000),
  log_last_seq: 3,
  stored_last_seq: 3,
});

function sequence(records: LogRecord[], endReason = 'published'): number {
  const findings = new Findings();
  checkSequence('job', records, [claim(endReason)], findings);
  return findings.violations.length;
}

describe('a kept log', () => {
  it.each([
    ['holds when whole', [line(1), line(2), line(3)], 'published', 0],
    ['holds with the gap of a lost worker', [line(1), { epoch: 1, from: 2, to: 3 }], 'lost', 0],
    ['may not have a hole', [line(1), line(3)], 'published', 1],
    ['may not repeat a line', [line(1), line(1), line(2), line(3)], 'published', 1],
    ['may not lack its end', [line(1), line(2)], 'published', 1],
    [
      'may not have a gap while its worker was there',
      [line(1), { epoch: 1, from: 2, to: 3 }],
      'published',
      1,
    ],
  ])('%s', (_what, records, endReason, violations) => {
    expect(sequence(records, endReason)).toBe(violations);
  });
});

describe('a reader', () => {
  const kept = [line(1), line(2), line(3)];
  const check = (records: LogRecord[], isEnded = true, endReason = 'published') => {
    const findings = new Findings();
    const facts = { claims: [claim(endReason)], tailLosses: [{ from: 4_000, to: 4_500 }] };
    checkReader({ jobId: 'job', records, connections: 3, isEnded }, kept, facts, findings);
    return findings;
  };

  it('has seen every line once and in order', () => {
    expect(check(kept).violations).toEqual([]);
    expect(check([line(1), line(2)]).violations).toHaveLength(1);
    expect(check([line(1), line(1), line(2), line(3)]).violations).toHaveLength(1);
    expect(check([line(1), line(3), line(2)]).violations).toHaveLength(1);
  });

  it('has to be told that the log is over', () => {
    expect(check(kept, false).violations).toHaveLength(1);
  });

  it('may have seen more than is kept only where a worker was lost and Valkey wiped', () => {
    const more = [...kept, line(4)];
    expect(check(more).violations).toHaveLength(1);
    const excused = check(more, true, 'lost');
    expect(excused.violations).toEqual([]);
    expect(excused.excused).toHaveLength(1);
  });
});
