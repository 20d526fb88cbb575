import { stripVTControlCharacters } from 'node:util';
import { isGap } from './log-records.js';
import type { LogRecord } from './log-records.js';

/** Which of a log's lines to write, and how. */
export interface LogSelection {
  format: 'text' | 'ndjson';
  /** Only lines with this text. */
  search?: string | undefined;
  /** Most lines. */
  limit?: number | undefined;
}

/** Writes a log batch by batch until the signal aborts; of a search nothing but the lines that match, without gaps. */
export async function* writeLog(
  batches: AsyncIterable<LogRecord[]>,
  { format, search, limit = Infinity }: LogSelection,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const write = format === 'ndjson' ? toNdjson : toText;
  const matches = search === undefined ? () => true : matcher(search);
  let left = limit;
  for await (const batch of batches) {
    // Also while nothing matches, nobody searches for a reader who is gone.
    if (signal.aborted) return;
    let text = '';
    for (const record of batch) {
      if (!matches(record)) continue;
      if (!isGap(record)) left -= 1;
      if (left < 0) break;
      text += write(record);
    }
    if (text !== '') yield text;
    // What is missing after the last line is still said.
    if (left < 0 || (left === 0 && search !== undefined)) return;
  }
}

/** Upper and lower case count as the same, colours are ignored. */
function matcher(search: string): (record: LogRecord) => boolean {
  const wanted = search.toLowerCase();
  return (record) => !isGap(record) && plainText(record.text).toLowerCase().includes(wanted);
}

function plainText(text: string): string {
  // Most lines have no colour, and looking for one is much cheaper than taking them out.
  return text.includes('\u001b') || text.includes('\u009b') ? stripVTControlCharacters(text) : text;
}

function toNdjson(record: LogRecord): string {
  return `${JSON.stringify(record)}\n`;
}

function toText(record: LogRecord): string {
  if (!isGap(record)) return `${record.text}\n`;
  const count = record.to - record.from + 1;
  const lines = count === 1 ? '1 line' : `${count} lines`;
  const size = record.bytes > 0 ? ` (${record.bytes} bytes)` : '';
  return record.reason === 'retention'
    ? `[${lines}${size} removed: logs are kept for a limited time]\n`
    : `[${lines}${size} missing here]\n`;
}

/** A name that says which job it is and is safe in every file system. */
export function logFileName(
  job: { id: string; type: string; environment_name?: string | null },
  { format, isCompressed }: { format: 'text' | 'ndjson'; isCompressed: boolean },
): string {
  const subject = (job.environment_name ?? '').replace(/[^\w.-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '');
  const name = [subject, job.type, job.id].filter((part) => part !== '').join('-');
  return `${name}.${format === 'ndjson' ? 'ndjson' : 'log'}${isCompressed ? '.gz' : ''}`;
}
