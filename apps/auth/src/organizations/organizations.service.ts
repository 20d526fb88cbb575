import type { Actor, PageQuery } from '@darb/service-kit';
import { decodeCursor, pageOf } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import { validate as isUuid } from 'uuid';
import type { OrganizationDto, OrganizationPage } from './organization.dto.js';
import { OrganizationsRepository } from './organizations.repository.js';

const LIST_SHAPE = 'organizations by id';
const MOST_MEMBERSHIPS = 1_000;

@Injectable()
export class OrganizationsService {
  constructor(private readonly organizations: OrganizationsRepository) {}

  async list(actor: Actor, query: PageQuery): Promise<OrganizationPage> {
    const after = decodeCursor(query.cursor, LIST_SHAPE, 1)?.[0];
    const afterId = typeof after === 'string' && isUuid(after) ? after : null;
    const rows = await this.organizations.list(
      actor.userId,
      actor.role === 'admin',
      afterId,
      query.limit + 1,
    );
    return pageOf(rows, query.limit, toOrganization, ({ id }) => [id], LIST_SHAPE);
  }

  /** Those that the user is a member of. */
  async ofMember(userId: string): Promise<OrganizationDto[]> {
    return (await this.organizations.list(userId, false, null, MOST_MEMBERSHIPS)).map(toOrganization);
  }
}

function toOrganization({ id, name, role, personal }: OrganizationDto): OrganizationDto {
  return { id, name, role, personal };
}
