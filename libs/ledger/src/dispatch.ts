import { DISPATCH_TIMEOUT_SECONDS, LEASE_SECONDS } from '@darb/models';
import type { Job, Worker } from '@darb/models/entities';
import { recordJobEvents } from './records.js';
import { rows } from './sql.js';
import type { Queryable } from './sql.js';

export interface Dispatch {
  job_id: string;
  worker_id: string;
  dispatch_no: number;
}

/** Any number of our own: one dispatcher at a time, among all replicas. */
const DISPATCH_LOCK = 7_203_412;
/** Waiting jobs looked at in a pass, per organization; more than any fleet has free slots. */
const CANDIDATES = 200;

type Candidate = Pick<
  Job,
  'id' | 'organization_id' | 'requested_by' | 'environment_id' | 'runs_alone' | 'priority' | 'waiting_for'
> & { package_manager: string; store_id: string | null };

interface Slot {
  worker: Worker;
  used: number;
  /** A job that must run alone is on it. */
  occupied: boolean;
}

/**
 * Pairs waiting jobs with free slots; run it as one transaction of its own. Answers nothing when another
 * replica is at it. After the commit the caller puts each dispatch into its worker's queue; one that gets
 * lost on the way is withdrawn by withdrawOverdue.
 */
export async function dispatchPass(tx: Queryable): Promise<Dispatch[]> {
  // The timeout: a dispatcher that freezes here must not hold up the others.
  const [lock] = await rows<{ locked: boolean }>(
    tx,
    `SELECT pg_try_advisory_xact_lock($1) AS locked, set_config('idle_in_transaction_session_timeout', '5s', true)`,
    [DISPATCH_LOCK],
  );
  if (!lock?.locked) return [];
  const candidates = await waitingHeads(tx);
  if (candidates.length === 0) return [];
  const slots = await liveSlots(tx);
  const running = await runningCounts(tx);
  const chosen: { job: Candidate; worker: Worker }[] = [];
  const waiting: { job: Candidate; reason: string }[] = [];
  const queue = [...candidates];
  while (queue.length > 0) {
    const job = takeFairest(queue, running);
    const slot = slots.find((candidate) => fits(candidate, job) && isFree(candidate, job));
    if (!slot) {
      waiting.push({ job, reason: whyWaiting(slots, job) });
      continue;
    }
    slot.used += 1;
    slot.occupied ||= job.runs_alone;
    running.add(job);
    chosen.push({ job, worker: slot.worker });
    slots.sort(leastLoaded);
  }
  await noteWaiting(tx, waiting);
  return assign(tx, chosen);
}

/** The first waiting job of every environment, the best of each organization first. */
async function waitingHeads(tx: Queryable): Promise<Candidate[]> {
  return rows<Candidate>(
    tx,
    `SELECT * FROM (
       SELECT j.id, j.organization_id, j.requested_by, j.environment_id, j.runs_alone, j.priority, j.waiting_for,
         j.created_at, e.package_manager, copy.store_id,
         row_number() OVER (PARTITION BY j.organization_id ORDER BY j.priority DESC, j.created_at, j.id) AS place
       FROM jobs.jobs j
       JOIN environments.environments e ON e.id = j.environment_id
       LEFT JOIN environments.revisions r ON r.environment_id = e.id AND r.number = e.revision
       LEFT JOIN LATERAL (
         SELECT store_id FROM environments.artifact_copies c
         WHERE c.artifact_id = r.artifact_id AND c.state = 'ready' ORDER BY store_id LIMIT 1
       ) copy ON true
       WHERE j.status = 'pending' AND j.worker_id IS NULL AND (j.not_before IS NULL OR j.not_before <= now())
         AND (j.environment_seq IS NULL OR NOT EXISTS (
           SELECT 1 FROM jobs.jobs earlier
           WHERE earlier.environment_id = j.environment_id AND earlier.environment_seq < j.environment_seq
             AND earlier.status IN ('pending', 'running')))
     ) heads WHERE place <= $1 ORDER BY priority DESC, created_at, id`,
    [CANDIDATES],
  );
}

async function liveSlots(tx: Queryable): Promise<Slot[]> {
  const workers = await rows<Worker & { used: number; occupied: boolean }>(
    tx,
    `SELECT w.*, coalesce(load.used, 0)::int AS used, coalesce(load.occupied, false) AS occupied
     FROM jobs.workers w
     LEFT JOIN (
       SELECT worker_id, count(*) AS used, bool_or(runs_alone) AS occupied
       FROM jobs.jobs WHERE status IN ('pending', 'running') AND worker_id IS NOT NULL GROUP BY worker_id
     ) load ON load.worker_id = w.id
     WHERE w.ended_at IS NULL AND NOT w.draining AND w.heartbeat_at > now() - make_interval(secs => $1)`,
    [LEASE_SECONDS],
  );
  return workers
    .map((worker) => ({ worker, used: worker.used, occupied: worker.occupied }))
    .sort(leastLoaded);
}

function leastLoaded(a: Slot, b: Slot): number {
  return a.used / a.worker.slots - b.used / b.worker.slots || a.worker.id.localeCompare(b.worker.id);
}

function fits(slot: Slot, job: Candidate): boolean {
  const manager = slot.worker.managers.find((report) => report.type === job.package_manager);
  return manager?.available === true && (job.store_id === null || job.store_id === slot.worker.store_id);
}

function isFree(slot: Slot, job: Candidate): boolean {
  return job.runs_alone ? slot.used === 0 : slot.used < slot.worker.slots && !slot.occupied;
}

function whyWaiting(slots: Slot[], job: Candidate): string {
  if (slots.length === 0) return 'a worker: none is connected';
  const fitting = slots.filter((slot) => fits(slot, job));
  if (fitting.length === 0) {
    return `a worker that has ${job.package_manager} and the environment's files: none is connected`;
  }
  if (job.runs_alone) return 'a worker to itself, because a worker was lost while this job ran on it';
  return `a free slot: all ${fitting.reduce((sum, slot) => sum + slot.worker.slots, 0)} are busy`;
}

/** Jobs running or dispatched, by organization and by user. */
class RunningCounts {
  private readonly counts = new Map<string, number>();

  of(id: string): number {
    return this.counts.get(id) ?? 0;
  }

  add(job: Pick<Candidate, 'organization_id' | 'requested_by'>, by = 1): void {
    for (const id of [job.organization_id, job.requested_by]) this.counts.set(id, this.of(id) + by);
  }
}

async function runningCounts(tx: Queryable): Promise<RunningCounts> {
  const counts = new RunningCounts();
  const active = await rows<{ organization_id: string; requested_by: string; count: number }>(
    tx,
    `SELECT organization_id, requested_by, count(*)::int AS count FROM jobs.jobs
     WHERE status IN ('pending', 'running') AND worker_id IS NOT NULL GROUP BY organization_id, requested_by`,
  );
  for (const row of active) counts.add(row, row.count);
  return counts;
}

/** Takes out the next job: fewest running of its organization, then of its user; then as the list is ordered. */
function takeFairest(queue: Candidate[], running: RunningCounts): Candidate {
  let best = 0;
  for (let index = 1; index < queue.length; index += 1) {
    const a = queue[index]!;
    const b = queue[best]!;
    const difference =
      running.of(a.organization_id) - running.of(b.organization_id) ||
      running.of(a.requested_by) - running.of(b.requested_by);
    if (difference < 0) best = index;
  }
  return queue.splice(best, 1)[0]!;
}

async function assign(tx: Queryable, chosen: { job: Candidate; worker: Worker }[]): Promise<Dispatch[]> {
  if (chosen.length === 0) return [];
  return rows<Dispatch>(
    tx,
    `UPDATE jobs.jobs j SET worker_id = pair.worker_id, dispatched_at = now(), dispatch_no = j.dispatch_no + 1,
       waiting_for = NULL
     FROM unnest($1::uuid[], $2::uuid[]) AS pair (job_id, worker_id)
     WHERE j.id = pair.job_id AND j.status = 'pending' AND j.worker_id IS NULL
     RETURNING j.id AS job_id, j.worker_id, j.dispatch_no`,
    [chosen.map(({ job }) => job.id), chosen.map(({ worker }) => worker.id)],
  );
}

/** Says why jobs wait; only where the reason is new, or every pass would write. One statement for all of them. */
async function noteWaiting(tx: Queryable, waiting: { job: Candidate; reason: string }[]): Promise<void> {
  const news = waiting.filter(({ job, reason }) => job.waiting_for !== reason);
  if (news.length === 0) return;
  const noted = await rows<Job>(
    tx,
    `UPDATE jobs.jobs j SET waiting_for = note.reason
     FROM unnest($1::uuid[], $2::text[]) AS note (job_id, reason)
     WHERE j.id = note.job_id AND j.status = 'pending' RETURNING j.*`,
    [news.map(({ job }) => job.id), news.map(({ reason }) => reason)],
  );
  await recordJobEvents(tx, noted);
}

/** Takes back dispatches that no worker claimed in time; the raised number makes the old delivery void. */
export async function withdrawOverdue(tx: Queryable): Promise<Dispatch[]> {
  return rows<Dispatch>(
    tx,
    `WITH overdue AS (
       SELECT id, worker_id, dispatch_no FROM jobs.jobs
       WHERE status = 'pending' AND worker_id IS NOT NULL AND dispatched_at < now() - make_interval(secs => $1)
       FOR UPDATE SKIP LOCKED
     )
     UPDATE jobs.jobs j SET worker_id = NULL, dispatched_at = NULL, dispatch_no = j.dispatch_no + 1
     FROM overdue WHERE j.id = overdue.id
     RETURNING j.id AS job_id, overdue.worker_id, overdue.dispatch_no`,
    [DISPATCH_TIMEOUT_SECONDS],
  );
}
