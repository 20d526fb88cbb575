import type { LogLine } from '@darb/models';
import { expect, it } from 'vitest';
import type { LogRecord } from './log-records.js';
import { logFileName, writeLog } from './log-text.js';
import type { LogSelection } from './log-text.js';

const line = (seq: number, text: string): LogLine => ({
  seq,
  epoch: 1,
  time: '2026-01-01T00:00:00.000Z',
  stream: 'stdout',
  phase: null,
  text,
});
const gap = (from: number, to: number, bytes: number): LogRecord => ({ epoch: 1, from, to, bytes });

async function write(batches: LogRecord[][], selection: Partial<LogSelection>): Promise<string> {
  const source = (async function* () {
    yield* batches;
  })();
  const { signal } = new AbortController();
  let text = '';
  for await (const part of writeLog(source, { format: 'text', ...selection }, signal)) text += part;
  return text;
}

const LOG = [
  [line(1, 'a'), gap(2, 4, 10), line(5, '\u001b[1mB\u001b[0mc')],
  [line(6, 'bC'), gap(7, 7, 0)],
];

it('writes lines and gaps', async () => {
  expect(await write(LOG, {})).toBe(
    'a\n[3 lines (10 bytes) missing here]\n\u001b[1mB\u001b[0mc\nbC\n[1 line missing here]\n',
  );
  expect((await write(LOG, { format: 'ndjson' })).split('\n')).toHaveLength(6);
});

it('counts lines, not gaps, towards the limit', async () => {
  expect(await write(LOG, { limit: 1 })).toBe('a\n[3 lines (10 bytes) missing here]\n');
  expect(await write(LOG, { limit: 3 })).toMatch(/bC\n\[1 line missing here\]\n$/);
});

it('searches in any case and below colours', async () => {
  expect(await write(LOG, { search: 'bc' })).toBe('\u001b[1mB\u001b[0mc\nbC\n');
  expect(await write(LOG, { search: 'BC', limit: 1 })).toBe('\u001b[1mB\u001b[0mc\n');
  expect(await write(LOG, { search: 'missing' })).toBe('');
});

it('names a file by its job', () => {
  const name = (environment_name: string | null, isCompressed = false) =>
    logFileName({ id: '42', type: 'create', environment_name }, { format: 'text', isCompressed });
  expect(name('data-science', true)).toBe('data-science-create-42.log.gz');
  expect(name(null)).toBe('create-42.log');
  expect(name('../a "b"\r\nx: y')).toBe('a-b-x-y-create-42.log');
});
