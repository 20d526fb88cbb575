import type { Actor } from '@darb/service-kit';
import { CurrentActor, PageQuery, RequirePermission } from '@darb/service-kit';
import { Controller, Get, Query } from '@nestjs/common';
import { OrganizationPage } from './organization.dto.js';
import { OrganizationsService } from './organizations.service.js';

@Controller('organizations')
export class OrganizationsController {
  constructor(private readonly organizations: OrganizationsService) {}

  /** The caller's organizations; all of them for an instance admin. */
  @RequirePermission('organizations:read')
  @Get()
  list(@Query() query: PageQuery, @CurrentActor() actor: Actor): Promise<OrganizationPage> {
    return this.organizations.list(actor, query);
  }
}
