import type { OrganizationRole } from '@darb/models';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

export interface OrganizationRow {
  id: string;
  name: string;
  role: OrganizationRole | null;
  personal: boolean;
}

@Injectable()
export class OrganizationsRepository {
  constructor(private readonly database: DataSource) {}

  /** By id. `all`: those of others too, with role null. */
  list(userId: string, all: boolean, afterId: string | null, limit: number): Promise<OrganizationRow[]> {
    return this.database.query<OrganizationRow[]>(
      `SELECT o.id, o.name, m.role, o.personal_user_id IS NOT NULL AS personal
         FROM auth.organizations o
         ${all ? 'LEFT ' : ''}JOIN auth.memberships m ON m.organization_id = o.id AND m.user_id = $1
        WHERE $2::uuid IS NULL OR o.id > $2
        ORDER BY o.id
        LIMIT $3`,
      [userId, afterId, limit],
    );
  }
}
