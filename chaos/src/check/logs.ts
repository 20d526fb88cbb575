/** Guarantee 7: a log is complete, and every reader sees the same. */
import type { Findings } from '../findings.js';
import type { Client } from '../load/client.js';
import type { LogRecord, ReadLog } from '../load/log-reader.js';
import type { ClaimRow } from './database.js';

/** Claims whose worker was there to the end; of others the log may end early, and says so. */
const WHOLE_ENDS = ['published', 'failed', 'cancelled', 'retry', 'released', 'completed'];

/** Times between which Valkey was wiped or away. */
export interface TailLoss {
  from: number;
  to: number;
}

export interface LogFacts {
  jobIds: readonly string[];
  read: readonly ReadLog[];
  claims: readonly ClaimRow[];
  tailLosses: readonly TailLoss[];
}

export async function checkLogs(admin: Client, facts: LogFacts, findings: Findings): Promise<void> {
  const { jobIds, read, claims } = facts;
  for (const jobId of jobIds) {
    const first = await readAll(admin, jobId);
    const again = await readAll(admin, jobId);
    findings.expect(7, first !== null, `The log of job ${jobId} cannot be read.`);
    if (first === null) continue;
    findings.expect(7, first.text === again?.text, `The log of job ${jobId} read twice is not the same.`);
    checkSequence(jobId, first.records, claims, findings);
    for (const log of read.filter((one) => one.jobId === jobId))
      checkReader(log, first.records, facts, findings);
  }
}

async function readAll(admin: Client, jobId: string): Promise<{ text: string; records: LogRecord[] } | null> {
  const answer = await admin.ask({ method: 'GET', path: `/jobs/${jobId}/logs?format=ndjson` });
  if (answer?.status !== 200) return null;
  const text = String(answer.body);
  const records = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as LogRecord);
  return { text, records };
}

/** From 1 in every epoch, without a hole; a gap only where a worker was lost. */
export function checkSequence(
  jobId: string,
  records: readonly LogRecord[],
  claims: readonly ClaimRow[],
  findings: Findings,
): void {
  const next = new Map<number, number>();
  let epochBefore = 0;
  for (const record of records) {
    const [first, last] = spanOf(record);
    const expected = next.get(record.epoch) ?? 1;
    const isInOrder = first === expected && record.epoch >= epochBefore;
    findings.expect(
      7,
      isInOrder,
      `The log of job ${jobId} goes on with ${record.epoch}-${first} in place of ${expected}.`,
    );
    const claim = claims.find((one) => one.job_id === jobId && one.epoch === record.epoch);
    const wasWhole = WHOLE_ENDS.includes(claim?.end_reason ?? '');
    const isGap = record.from !== undefined;
    findings.expect(
      7,
      !isGap || !wasWhole,
      `The log of job ${jobId} lacks ${record.epoch}-${first} to ${last}, though its worker was there to the end.`,
    );
    next.set(record.epoch, last + 1);
    epochBefore = record.epoch;
  }
  for (const { job_id, epoch, log_last_seq } of claims) {
    if (job_id !== jobId || log_last_seq === null) continue;
    const last = (next.get(epoch) ?? 1) - 1;
    const text = `The log of job ${jobId} epoch ${epoch} ends at ${last}; its worker wrote ${log_last_seq}.`;
    findings.expect(7, last >= log_last_seq, text);
  }
}

/**
 * A reader that lost its connection many times has seen every record once, in order, as it is kept.
 *
 * Excused is the end of an epoch whose worker was killed: its last two seconds are in Valkey alone until jobs has
 * noticed, and readers have seen them. Who kills the worker and wipes Valkey within that time loses them, and the
 * log says that it ends early.
 */
export function checkReader(
  log: ReadLog,
  kept: readonly LogRecord[],
  { claims, tailLosses }: Pick<LogFacts, 'claims' | 'tailLosses'>,
  findings: Findings,
): void {
  const { jobId, connections } = log;
  findings.expect(
    7,
    log.isEnded,
    `The log stream of job ${jobId} never said that it is over (${connections} connections).`,
  );
  if (!log.isEnded) return;
  const lost = new Set(
    claims
      .filter((claim) => claim.job_id === jobId && hasLostTail(claim, tailLosses))
      .map(({ epoch }) => epoch),
  );
  if (lost.size > 0) findings.excused.push(`the last lines of job ${jobId} epoch ${[...lost].join(', ')}`);
  const compared = (records: readonly LogRecord[]) =>
    records.filter(({ epoch }) => !lost.has(epoch)).map((record) => JSON.stringify(record));
  const [seen, whole] = [compared(log.records), compared(kept)];
  const different = whole.findIndex((record, index) => record !== seen[index]);
  findings.expect(
    7,
    different === -1 && seen.length === whole.length,
    `A reader of job ${jobId} saw ${seen.length} records of ${whole.length} (${connections} connections).`,
    different === -1 ? undefined : { kept: whole[different], seen: seen[different] },
  );
}

function hasLostTail(claim: ClaimRow, losses: readonly TailLoss[]): boolean {
  const { end_reason, claimed_at, log_closed_at } = claim;
  if (WHOLE_ENDS.includes(end_reason ?? '')) return false;
  const end = log_closed_at?.getTime() ?? Infinity;
  return losses.some(({ from, to }) => from <= end && to >= claimed_at.getTime());
}

function spanOf(record: LogRecord): [first: number, last: number] {
  return record.from === undefined ? [record.seq!, record.seq!] : [record.from, record.to!];
}
