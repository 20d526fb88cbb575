import { AuditEvent } from '@darb/models/entities';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';

export interface AuditRecord {
  /** Null when Darb itself acted, or when nobody could be identified. */
  actorId: string | null;
  organizationId?: string | null;
  /** noun.verb */
  action: string;
  resourceType: string;
  resourceId: string | null;
  outcome?: 'succeeded' | 'failed' | 'refused';
  address: string | null;
  before?: object | null;
  after?: object | null;
}

/** Writes audit events in the transaction of what they tell about. Insert-only. */
@Injectable()
export class AuditRepository {
  async record(manager: EntityManager, record: AuditRecord): Promise<void> {
    await manager.insert(AuditEvent, {
      id: uuidv7(),
      actor_id: record.actorId,
      organization_id: record.organizationId ?? null,
      action: record.action,
      resource_type: record.resourceType,
      resource_id: record.resourceId,
      outcome: record.outcome ?? 'succeeded',
      address: record.address,
      before: record.before ?? null,
      after: record.after ?? null,
    } as never);
  }
}
