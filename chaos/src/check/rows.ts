/** Guarantees 1 to 6, as far as rows tell. Works on plain rows, so that a test can plant a broken one. */
import type { Findings } from '../findings.js';
import { TERMINAL } from '../load/history.js';
import type { Accepted } from '../load/history.js';
import type { ClaimRow, JobRow, RevisionRow, Snapshot } from './database.js';

/** Job types that make no revision. */
const WITHOUT_REVISION = ['delete', 'plan', 'export', 'verify', 'repair', 'collect'];

export function checkRows(
  rows: Snapshot,
  clients: { accepted: readonly Accepted[]; unknownOutcomes: number; requesters: ReadonlySet<string> },
  findings: Findings,
): void {
  checkAccepted(rows.jobs, clients, findings);
  checkAudit(rows, findings);
  checkOrder(rows, findings);
  checkTerminal(rows.jobs, findings);
  checkErrors(rows.jobs, findings);
  checkRevisions(rows, findings);
  checkStatuses(rows, findings);
}

/** Every accepted job is there, and no repeated request has made a second one. */
function checkAccepted(
  jobs: readonly JobRow[],
  { accepted, unknownOutcomes, requesters }: Parameters<typeof checkRows>[1],
  findings: Findings,
): void {
  const known = new Set(jobs.map(({ id }) => id));
  for (const { jobId, action } of accepted) {
    findings.expect(1, known.has(jobId), `Job ${jobId} (${action}) was accepted and is not in the database.`);
  }
  const told = new Set(accepted.map(({ jobId }) => jobId));
  const untold = jobs.filter((job) => requesters.has(job.requested_by ?? '') && !told.has(job.id));
  findings.expect(
    1,
    untold.length <= unknownOutcomes,
    `${untold.length} jobs were told to nobody, but only ${unknownOutcomes} requests had no answer: a repeated request ran twice.`,
    untold.map(({ id, type, created_at }) => ({ id, type, created_at })),
  );
}

function checkAudit({ jobs, audits }: Snapshot, findings: Findings): void {
  const audited = new Map<string, number>();
  for (const { job_id } of audits) audited.set(job_id, (audited.get(job_id) ?? 0) + 1);
  for (const { id, type } of jobs) {
    const count = audited.get(id) ?? 0;
    findings.expect(2, count === 1, `Job ${id} (${type}) has ${count} audit entries.`);
  }
  const known = new Set(jobs.map(({ id }) => id));
  for (const id of audited.keys())
    findings.expect(2, known.has(id), `An audit entry names job ${id}, which is not there.`);
}

function checkOrder({ jobs, claims }: Snapshot, findings: Findings): void {
  const claimsOf = groupBy(claims, ({ job_id }) => job_id);
  const lanes = groupBy(
    jobs.filter(({ lane, lane_seq }) => lane !== null && lane_seq !== null),
    ({ lane }) => lane!,
  );
  for (const [lane, members] of lanes) {
    const inOrder = members.toSorted((one, other) => one.lane_seq! - other.lane_seq!);
    const spans = inOrder.flatMap((job) => spanOf(job, claimsOf.get(job.id) ?? []));
    for (const [index, span] of spans.entries()) {
      const before = spans[index - 1];
      if (!before) continue;
      findings.expect(
        3,
        before.to <= span.from,
        `Lane ${lane}: ${span.what} began at ${iso(span.from)}, before ${before.what} ended at ${iso(before.to)}.`,
      );
    }
  }
}

interface Span {
  what: string;
  from: number;
  to: number;
}

/** From each claim to its end, or to the end of the job for the last one. */
function spanOf(job: JobRow, claims: readonly ClaimRow[]): Span[] {
  return claims
    .toSorted((one, other) => one.epoch - other.epoch)
    .map((claim) => ({
      what: `job ${job.id} (${job.type}, seq ${job.lane_seq}) epoch ${claim.epoch}`,
      from: claim.claimed_at.getTime(),
      to: (claim.ended_at ?? job.finished_at)?.getTime() ?? Infinity,
    }));
}

function checkTerminal(jobs: readonly JobRow[], findings: Findings): void {
  for (const { id, type, status, created_at } of jobs) {
    const text = `Job ${id} (${type}) of ${created_at.toISOString()} is still ${status}.`;
    findings.expect(4, TERMINAL.includes(status), text);
  }
}

/** A fault is no bug of Darb: an error that says so was not thought of. */
function checkErrors(jobs: readonly JobRow[], findings: Findings): void {
  for (const { id, type, error_code, error_family } of jobs) {
    if (error_code === null) continue;
    findings.expect(4, error_family !== 'bug', `Job ${id} (${type}) ended with a bug: ${error_code}.`);
  }
}

function checkRevisions({ jobs, revisions, environments }: Snapshot, findings: Findings): void {
  const jobOf = new Map(jobs.map((job) => [job.id, job]));
  const byJob = groupBy(revisions, ({ job_id }) => job_id);
  for (const job of jobs) {
    const made = byJob.get(job.id) ?? [];
    if (job.status === 'completed' && !WITHOUT_REVISION.includes(job.type)) {
      const isPublished = made.length === 1 && made[0]!.published_at !== null;
      findings.expect(
        5,
        isPublished,
        `Job ${job.id} (${job.type}) is completed with ${made.length} revisions.`,
        made,
      );
    }
    if (job.status === 'failed' || job.status === 'cancelled') {
      const published = made.filter(({ published_at }) => published_at !== null);
      findings.expect(
        6,
        published.length === 0,
        `Job ${job.id} is ${job.status} and its revision is published.`,
      );
    }
    if (job.status === 'cancelled') {
      findings.expect(6, made.length === 0, `Job ${job.id} is cancelled and has made a revision.`);
    }
  }
  const byEnvironment = groupBy(revisions, ({ environment_id }) => environment_id);
  for (const { id, published_revision } of environments) {
    checkNumbers(id, published_revision, byEnvironment.get(id) ?? [], findings);
  }
  for (const { job_id } of revisions) {
    findings.expect(5, jobOf.has(job_id), `A revision names job ${job_id}, which is not there.`);
  }
}

function checkNumbers(
  id: string,
  publishedRevision: number | null,
  revisions: readonly RevisionRow[],
  findings: Findings,
): void {
  const numbers = revisions.map(({ number }) => number);
  const isWhole = numbers.every((number, index) => number === index + 1);
  findings.expect(5, isWhole, `Environment ${id} has revisions ${numbers.join(', ')}: some are skipped.`);
  const published = revisions.filter(({ published_at }) => published_at !== null).map(({ number }) => number);
  const highest = published.length > 0 ? Math.max(...published) : null;
  findings.expect(
    5,
    highest === publishedRevision,
    `Environment ${id} says revision ${publishedRevision} is published; the highest that was is ${highest}.`,
  );
}

/** When everything has settled a status follows from what is there. */
function checkStatuses({ environments, jobs }: Snapshot, findings: Findings): void {
  const byEnvironment = groupBy(
    jobs.filter(({ lane_seq }) => lane_seq !== null),
    ({ environment_id }) => environment_id ?? '',
  );
  for (const { id, status, published_revision, deleted_at } of environments) {
    const isDeleted = (byEnvironment.get(id) ?? []).some(
      (job) => job.type === 'delete' && job.status === 'completed',
    );
    // A first change that was cancelled while it waited has not failed.
    const withoutRevision = ['failed', 'pending'];
    const expected = isDeleted ? ['deleted'] : published_revision === null ? withoutRevision : ['ready'];
    findings.expect(
      6,
      expected.includes(status) && (deleted_at !== null) === isDeleted,
      `Environment ${id} is ${status}; with revision ${published_revision} it should be ${expected.join(' or ')}.`,
    );
  }
}

export function groupBy<T>(list: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of list) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

function iso(time: number): string {
  return Number.isFinite(time) ? new Date(time).toISOString() : 'no time';
}
