import { DISPATCH_TIMEOUT_SECONDS, LEASE_SECONDS } from '@darb/models';
import type { Job, Worker } from '@darb/models/entities';
import { inMove } from '../move.js';
import { rows } from '../sql.js';
import type { Queryable } from '../sql.js';
import { fits, hasPython, isFree, whyWaiting } from './fitting.js';
import type { Slot } from './fitting.js';

export interface Dispatch {
  job_id: string;
  worker_id: string;
  dispatch_no: number;
}

/** Most jobs that an organization, and that one of its users, may have running; 0 is no limit. */
export interface RunningLimits {
  perOrganization: number;
  perUser: number;
}

/** Any number of our own: one dispatcher at a time, among all replicas. */
const DISPATCH_LOCK = 7_203_412;
/** Jobs looked at beyond the free slots, of each user and each set of requirements, so that reasons are told. */
const SPARE_CANDIDATES = 20;

type Candidate = Pick<
  Job,
  | 'id'
  | 'organization_id'
  | 'requested_by'
  | 'runs_alone'
  | 'priority'
  | 'waiting_for'
  | 'requirements'
  | 'store_id'
>;

const NO_LIMITS: RunningLimits = { perOrganization: 0, perUser: 0 };

/**
 * Pairs waiting jobs with free slots; run it as one transaction of its own. Answers nothing when another
 * replica is at it. After the commit the caller puts each dispatch into its worker's queue; one that gets
 * lost on the way is withdrawn by withdrawOverdue.
 */
export function dispatchPass(tx: Queryable, limits: RunningLimits = NO_LIMITS): Promise<Dispatch[]> {
  return inMove(tx, async (move) => {
    // The timeout: a dispatcher that freezes here must not hold up the others. Nothing is lost with a dispatch,
    // so this transaction alone does not wait for the disk.
    const [lock] = await rows<{ locked: boolean }>(
      tx,
      `SELECT pg_try_advisory_xact_lock($1) AS locked, set_config('idle_in_transaction_session_timeout', '5s', true),
         set_config('synchronous_commit', 'off', true)`,
      [DISPATCH_LOCK],
    );
    if (!lock?.locked) return [];
    const slots = await liveSlots(tx);
    const candidates = await waitingHeads(tx, slots);
    if (candidates.length === 0) return [];
    const pass = new Pass(slots, await runningCounts(tx), limits);
    // A job that a worker was lost with comes first, or others would keep every worker busy for ever.
    for (const job of candidates.filter(({ runs_alone }) => runs_alone)) pass.place(job);
    pass.placeFairly(candidates.filter(({ runs_alone }) => !runs_alone));
    for (const job of await noteWaiting(tx, pass.waiting)) move.jobNoted(job);
    return assign(tx, pass.chosen);
  });
}

/** What one pass has decided so far. */
class Pass {
  readonly chosen: { job: Candidate; worker: Worker }[] = [];
  readonly waiting: { job: Candidate; reason: string }[] = [];

  constructor(
    private readonly slots: Slot[],
    private readonly running: RunningCounts,
    private readonly limits: RunningLimits,
  ) {}

  placeFairly(candidates: Candidate[]): void {
    const queue = [...candidates];
    // Once every slot is taken, the order of the rest makes no difference.
    while (queue.length > 0 && this.hasRoom()) this.place(takeFairest(queue, this.running));
    for (const job of queue) this.place(job);
  }

  place(job: Candidate): void {
    const limit = this.limitReached(job);
    if (limit !== null) {
      this.waiting.push({ job, reason: limit });
      return;
    }
    const fitting = this.slots.filter((slot) => fits(slot, job));
    // Whoever has the Python is waited for; where nobody has, the job itself says so.
    const able = fitting.filter((slot) => hasPython(slot, job));
    const from = able.length > 0 ? able : fitting;
    const slot = from.find((candidate) => isFree(candidate, job));
    if (!slot) {
      if (job.runs_alone) reserve(from);
      this.waiting.push({ job, reason: whyWaiting(this.slots, job) });
      return;
    }
    slot.used += 1;
    slot.isOccupied ||= job.runs_alone;
    this.running.add(job);
    this.chosen.push({ job, worker: slot.worker });
    this.slots.sort(leastLoaded);
  }

  private hasRoom(): boolean {
    return this.slots.some((slot) => slot.used < slot.worker.slots);
  }

  private limitReached(job: Candidate): string | null {
    const { perOrganization, perUser } = this.limits;
    if (perOrganization > 0 && this.running.of(job.organization_id) >= perOrganization) {
      return `one of the ${perOrganization} running jobs of its organization to end`;
    }
    if (perUser > 0 && this.running.of(job.requested_by) >= perUser) {
      return `one of the ${perUser} running jobs of its user to end`;
    }
    return null;
  }
}

/** Keeps the worker that will be free first for a job that must run alone; of equals the one with the fewest slots. */
function reserve(slots: Slot[]): void {
  const open = slots.filter((slot) => !slot.isReserved && !slot.isOccupied);
  const [first] = open.sort((a, b) => a.used - b.used || a.worker.slots - b.worker.slots);
  if (first) first.isReserved = true;
}

/**
 * The first waiting job of every lane, and those without one: of each user and each set of requirements no more than
 * could be placed, so that a long queue of one does not hide the others, nor is read as a whole.
 */
async function waitingHeads(tx: Queryable, slots: Slot[]): Promise<Candidate[]> {
  const free = slots.reduce((sum, slot) => sum + Math.max(0, slot.worker.slots - slot.used), 0);
  return rows<Candidate>(
    tx,
    `SELECT * FROM (
       SELECT j.id, j.organization_id, j.requested_by, j.runs_alone, j.priority, j.waiting_for, j.requirements,
         j.store_id, j.created_at,
         row_number() OVER (PARTITION BY j.organization_id, j.requested_by, j.requirements, j.store_id, j.runs_alone
           ORDER BY j.priority DESC, j.created_at, j.id) AS place
       FROM jobs.jobs j
       WHERE j.status = 'pending' AND j.worker_id IS NULL AND (j.not_before IS NULL OR j.not_before <= now())
         AND NOT EXISTS (
           SELECT 1 FROM jobs.jobs earlier
           WHERE earlier.lane = j.lane AND earlier.lane_seq < j.lane_seq
             AND earlier.status IN ('pending', 'running'))
     ) heads WHERE place <= $1 ORDER BY priority DESC, created_at, id`,
    [free + SPARE_CANDIDATES],
  );
}

async function liveSlots(tx: Queryable): Promise<Slot[]> {
  const workers = await rows<Worker & { used: number; occupied: boolean }>(
    tx,
    `SELECT w.*, coalesce(load.used, 0)::int AS used, coalesce(load.occupied, false) AS occupied
     FROM jobs.workers w
     LEFT JOIN LATERAL (
       SELECT count(*) AS used, bool_or(runs_alone) AS occupied
       FROM jobs.jobs WHERE status IN ('pending', 'running') AND worker_id = w.id
     ) load ON true
     WHERE w.ended_at IS NULL AND NOT w.draining AND NOT w.drain_requested
       AND w.heartbeat_at > now() - make_interval(secs => $1)`,
    [LEASE_SECONDS],
  );
  return workers
    .map((worker) => ({
      worker,
      used: worker.used + worker.stale_runs,
      isOccupied: worker.occupied,
      isReserved: false,
    }))
    .sort(leastLoaded);
}

function leastLoaded(a: Slot, b: Slot): number {
  return a.used / a.worker.slots - b.used / b.worker.slots || a.worker.id.localeCompare(b.worker.id);
}

/** Jobs running or dispatched, by organization and by user. */
class RunningCounts {
  private readonly counts = new Map<string, number>();

  of(id: string | null): number {
    return this.counts.get(id ?? '') ?? 0;
  }

  add(job: Pick<Candidate, 'organization_id' | 'requested_by'>, by = 1): void {
    for (const id of [job.organization_id, job.requested_by]) {
      if (id !== null) this.counts.set(id, this.of(id) + by);
    }
  }
}

async function runningCounts(tx: Queryable): Promise<RunningCounts> {
  const counts = new RunningCounts();
  const active = await rows<{ organization_id: string | null; requested_by: string | null; count: number }>(
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
    // A job that somebody moves right now is left to the next pass: nobody's lock may hold up all others, and
    // whoever locks several jobs at once must not meet us half way.
    `WITH free AS (
       SELECT id FROM jobs.jobs WHERE id = ANY($1::uuid[]) AND status = 'pending' AND worker_id IS NULL
       FOR UPDATE SKIP LOCKED
     )
     UPDATE jobs.jobs j SET worker_id = pair.worker_id, dispatched_at = now(), dispatch_no = j.dispatch_no + 1,
       waiting_for = NULL
     FROM unnest($1::uuid[], $2::uuid[]) AS pair (job_id, worker_id) JOIN free ON free.id = pair.job_id
     WHERE j.id = pair.job_id
     RETURNING j.id AS job_id, j.worker_id, j.dispatch_no`,
    [chosen.map(({ job }) => job.id), chosen.map(({ worker }) => worker.id)],
  );
}

/** Says why jobs wait; only where the reason is new, or every pass would write. One statement for all of them. */
async function noteWaiting(
  tx: Queryable,
  waiting: { job: Candidate; reason: string }[],
): Promise<readonly Job[]> {
  const news = waiting.filter(({ job, reason }) => job.waiting_for !== reason);
  if (news.length === 0) return [];
  return rows<Job>(
    tx,
    `WITH free AS (
       SELECT id FROM jobs.jobs WHERE id = ANY($1::uuid[]) AND status = 'pending' FOR UPDATE SKIP LOCKED
     )
     UPDATE jobs.jobs j SET waiting_for = note.reason
     FROM unnest($1::uuid[], $2::text[]) AS note (job_id, reason) JOIN free ON free.id = note.job_id
     WHERE j.id = note.job_id RETURNING j.*`,
    [news.map(({ job }) => job.id), news.map(({ reason }) => reason)],
  );
}

/** Takes back dispatches that no worker claimed in time; the raised number makes the old delivery void. */
export async function withdrawOverdue(tx: Queryable): Promise<Dispatch[]> {
  return rows<Dispatch>(
    tx,
    `WITH overdue AS (
       SELECT j.id, j.worker_id, j.dispatch_no FROM jobs.jobs j LEFT JOIN jobs.workers w ON w.id = j.worker_id
       WHERE j.status = 'pending' AND j.worker_id IS NOT NULL
         AND (j.dispatched_at < now() - make_interval(secs => $1) OR w.ended_at IS NOT NULL)
       FOR UPDATE OF j SKIP LOCKED
     )
     UPDATE jobs.jobs j SET worker_id = NULL, dispatched_at = NULL, dispatch_no = j.dispatch_no + 1
     FROM overdue WHERE j.id = overdue.id
     RETURNING j.id AS job_id, overdue.worker_id, overdue.dispatch_no`,
    [DISPATCH_TIMEOUT_SECONDS],
  );
}
