import { gzipSync } from 'node:zlib';
import type { LogLine } from '@darb/models';
import { describe, expect, it } from 'vitest';
import { checkChunk, decodeChunk, encodeChunk } from './log-records.js';
import type { LogRecord } from './log-records.js';

const time = '2026-01-01T00:00:00.000Z';
const line = (seq: number, text = `line ${seq}`): LogLine => ({
  seq,
  epoch: 2,
  time,
  stream: 'stdout',
  phase: null,
  text,
});
const pack = (...records: unknown[]) =>
  gzipSync(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
const check = (data: Buffer, firstSeq: number, lastSeq: number) =>
  checkChunk(data, { epoch: 2, firstSeq, lastSeq });

it('reads back what it wrote, line breaks and all', async () => {
  const records: LogRecord[] = [
    line(1, 'a\nb "ü" \u2028 \u001b[1m'),
    { epoch: 2, from: 2, to: 9, bytes: 7 },
    line(10),
  ];
  const chunk = await encodeChunk(records);
  expect(chunk).toMatchObject({ firstSeq: 1, lastSeq: 10, lineCount: 2 });
  expect(await decodeChunk(chunk.data)).toEqual(records);
  expect(await check(chunk.data, 1, 10)).toMatchObject({ lineCount: 2, textBytes: chunk.textBytes });
});

describe('refuses a chunk', () => {
  it.each([
    ['that is no gzip', Buffer.from('hello'), 1, 1],
    ['that is no NDJSON', gzipSync('hello'), 1, 1],
    ['with a hole', pack(line(1), line(3)), 1, 3],
    ['with a repetition', pack(line(1), line(1)), 1, 2],
    ['that ends early', pack(line(1)), 1, 2],
    ['that begins elsewhere', pack(line(2)), 1, 2],
    ['of another epoch', pack({ ...line(1), epoch: 3 }), 1, 1],
    ['with something else in it', pack({ hello: 'world' }), 1, 1],
    ['with a gap that goes backwards', pack({ epoch: 2, from: 1, to: 0, bytes: 1 }), 1, 0],
    ['that unpacks to too much', gzipSync(Buffer.alloc(9 * 1024 * 1024, 32)), 1, 1],
  ])('%s', async (_, data, firstSeq, lastSeq) => {
    await expect(check(data, firstSeq, lastSeq)).rejects.toMatchObject({
      status: 422,
      code: 'bad_log_chunk',
    });
  });
});
