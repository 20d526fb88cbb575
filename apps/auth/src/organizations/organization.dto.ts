import type { OrganizationRole } from '@darb/models';
import { ORGANIZATION_ROLES } from '@darb/models';
import { ApiProperty } from '@nestjs/swagger';

/** A group of users who own environments together; every user has a personal one. */
export class OrganizationDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  name: string;
  /** The caller's role in it; null for an instance admin who is no member. */
  @ApiProperty({ enum: ORGANIZATION_ROLES, enumName: 'OrganizationRole', nullable: true })
  role: OrganizationRole | null;
  /** Whether it is some user's own. */
  personal: boolean;
}

export class OrganizationPage {
  items: OrganizationDto[];
  @ApiProperty({ type: String, nullable: true })
  next_cursor: string | null;
}
