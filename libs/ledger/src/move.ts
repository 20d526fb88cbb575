import { EVENTS_CHANNEL, JOBS_CHANNEL, takesTurn } from '@darb/models';
import type { Subject, SubjectType } from '@darb/models';
import type { Job } from '@darb/models/entities';
import { v7 as uuidv7 } from 'uuid';
import { toJobObject } from './objects.js';
import { reactorOf } from './reactors.js';
import { json } from './sql.js';
import type { Queryable } from './sql.js';

export interface AuditEntry {
  /** Null when Darb itself acts. */
  actorId: string | null;
  organizationId: string | null;
  /** noun.verb */
  action: string;
  resourceType: string;
  resourceId: string;
  outcome: 'requested' | 'succeeded' | 'failed' | 'cancelled';
  address?: string | null;
  before?: unknown;
  after?: unknown;
}

interface EventEntry {
  type: SubjectType | 'job';
  resource_id: string;
  subject_type: SubjectType;
  subject_id: string;
  organization_id: string | null;
  data: object;
}

/**
 * One transaction of the ledger. What every move leaves behind besides its rows (events, audit entries, wake-ups)
 * is collected here and written with one statement at its end, after the subjects it touched were settled.
 */
export class Move {
  private readonly events: EventEntry[] = [];
  private readonly audits: AuditEntry[] = [];
  private readonly touched = new Map<string, Subject>();
  private isWaking = false;

  constructor(readonly tx: Queryable) {}

  /** A job's row changed: people who watch it hear of it, and its subject is looked at again. */
  jobMoved(job: Job): void {
    this.jobNoted(job);
    if (takesTurn(job.type)) this.touch({ type: job.subject_type, id: job.subject_id });
  }

  /** A job's row changed in a way that its subject's status does not depend on. */
  jobNoted(job: Job): void {
    this.events.push({
      type: 'job',
      resource_id: job.id,
      subject_type: job.subject_type,
      subject_id: job.subject_id,
      organization_id: job.organization_id,
      data: toJobObject(job),
    });
  }

  subjectMoved(subject: Subject, organizationId: string | null, data: object): void {
    this.events.push({
      type: subject.type,
      resource_id: subject.id,
      subject_type: subject.type,
      subject_id: subject.id,
      organization_id: organizationId,
      data,
    });
  }

  touch(subject: Subject): void {
    this.touched.set(subject.id, subject);
  }

  audit(entry: AuditEntry): void {
    this.audits.push(entry);
  }

  /** Wakes the dispatchers when this transaction commits. */
  wakeDispatch(): void {
    this.isWaking = true;
  }

  /** @throws LedgerError forbidden_move when a subject's status would make a move that its table forbids */
  async flush(): Promise<void> {
    for (const subject of this.touched.values()) await reactorOf(subject.type).settle(this, subject.id);
    this.touched.clear();
    if (this.events.length + this.audits.length === 0) {
      if (this.isWaking) await this.tx.query(`NOTIFY ${JOBS_CHANNEL}`);
      return;
    }
    // Postgres folds equal notifications of one transaction into one.
    const wake = this.isWaking ? `, pg_notify('${JOBS_CHANNEL}', '')` : '';
    await this.tx.query(
      `WITH event AS (
         INSERT INTO jobs.events (type, resource_id, subject_type, subject_id, organization_id, data)
         SELECT type, resource_id, subject_type, subject_id, organization_id, data
         FROM jsonb_to_recordset($1) AS e (type text, resource_id uuid, subject_type text, subject_id uuid,
           organization_id uuid, data jsonb)
       ), audit AS (
         INSERT INTO auth.audit_events
           (id, actor_id, organization_id, action, resource_type, resource_id, outcome, address, before, after)
         SELECT id, actor_id, organization_id, action, resource_type, resource_id, outcome, address, before, after
         FROM jsonb_to_recordset($2) AS a (id uuid, actor_id uuid, organization_id uuid, action text,
           resource_type text, resource_id uuid, outcome text, address text, before jsonb, after jsonb)
       )
       SELECT pg_notify('${EVENTS_CHANNEL}', '')${wake}`,
      [json(this.events), json(this.audits.map(toAuditRow))],
    );
  }
}

/** Runs one move in the caller's transaction. */
export async function inMove<T>(tx: Queryable, work: (move: Move) => Promise<T>): Promise<T> {
  const move = new Move(tx);
  const result = await work(move);
  await move.flush();
  return result;
}

function toAuditRow(entry: AuditEntry): Record<string, unknown> {
  return {
    id: uuidv7(),
    actor_id: entry.actorId,
    organization_id: entry.organizationId,
    action: entry.action,
    resource_type: entry.resourceType,
    resource_id: entry.resourceId,
    outcome: entry.outcome,
    address: entry.address ?? null,
    before: entry.before ?? null,
    after: entry.after ?? null,
  };
}
