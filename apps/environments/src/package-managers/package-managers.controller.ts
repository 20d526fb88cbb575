import { RequirePermission } from '@darb/service-kit';
import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { PackageManagerListDto } from './package-managers.dto.js';
import { PackageManagersService } from './package-managers.service.js';

@ApiTags('package managers')
@Controller('package-managers')
export class PackageManagersController {
  constructor(private readonly packageManagers: PackageManagersService) {}

  /** pixi and uv: whether workers have them, in which versions, with which Pythons. */
  @Get()
  @RequirePermission('package_managers:read')
  @ApiOkResponse({ type: PackageManagerListDto })
  async list(): Promise<PackageManagerListDto> {
    return { items: await this.packageManagers.list(), next_cursor: null };
  }
}
