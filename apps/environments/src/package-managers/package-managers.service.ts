import { PACKAGE_MANAGERS } from '@darb/models';
import type { ManagerReport, PackageManagerType } from '@darb/models';
import { Problem } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import { EnvironmentsConfig } from '../config.js';
import type { PackageManagerDto } from './package-managers.dto.js';
import { PackageManagersRepository } from './package-managers.repository.js';

const NO_WORKER = 'No worker has been seen in the last 24 hours: start one.';

@Injectable()
export class PackageManagersService {
  constructor(
    private readonly repository: PackageManagersRepository,
    private readonly config: EnvironmentsConfig,
  ) {}

  async list(): Promise<PackageManagerDto[]> {
    const reports = await this.repository.reports();
    const defaultType = this.chooseDefault(reports);
    return PACKAGE_MANAGERS.map((type) => describe(type, reports, type === defaultType));
  }

  async defaultType(): Promise<PackageManagerType> {
    return this.chooseDefault(await this.repository.reports());
  }

  /** @throws Problem 422 package_manager_unavailable that says how to install it. */
  async requireAvailable(type: PackageManagerType): Promise<void> {
    const manager = describe(type, await this.repository.reports(), false);
    if (!manager.available) {
      throw new Problem(422, 'package_manager_unavailable', manager.reason ?? NO_WORKER, {
        errors: [
          {
            field: 'package_manager',
            code: 'package_manager_unavailable',
            message: manager.reason ?? NO_WORKER,
          },
        ],
      });
    }
  }

  private chooseDefault(reports: ManagerReport[]): PackageManagerType {
    if (this.config.defaultPackageManager) return this.config.defaultPackageManager;
    return reports.some((report) => report.type === 'pixi' && report.available) ? 'pixi' : 'uv';
  }
}

function describe(type: PackageManagerType, reports: ManagerReport[], isDefault: boolean): PackageManagerDto {
  const own = reports.filter((report) => report.type === type);
  const usable = own.filter((report) => report.available);
  return {
    type,
    available: usable.length > 0,
    versions: newestFirst(usable.flatMap((report) => (report.version === null ? [] : [report.version]))),
    python_versions: newestFirst(
      usable.flatMap((report) => report.interpreters.map((interpreter) => interpreter.version)),
    ),
    default: isDefault,
    reason: usable.length > 0 ? null : (own[0]?.reason ?? NO_WORKER),
  };
}

/** Distinct versions in descending order of their numbers. */
function newestFirst(versions: string[]): string[] {
  return [...new Set(versions)].sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
}
