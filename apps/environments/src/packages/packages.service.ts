import type { JobObject } from '@darb/ledger';
import type { PackageRecord } from '@darb/models';
import { Problem, decodeCursor, pageOf } from '@darb/service-kit';
import type { Actor, Answer } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import type { AddPackagesBody } from '../environments/environments.dto.js';
import { EnvironmentsService } from '../environments/environments.service.js';
import type { Caller } from '../environments/environments.service.js';
import { InputCheck, checkNames, checkSpecs } from '../environments/input.js';
import type { ListPackagesQuery } from './packages.dto.js';
import { PackagesRepository } from './packages.repository.js';

const KEY_LENGTH = 2;

@Injectable()
export class PackagesService {
  constructor(
    private readonly packages: PackagesRepository,
    private readonly environments: EnvironmentsService,
  ) {}

  async list(
    actor: Actor,
    environmentId: string,
    query: ListPackagesQuery,
  ): Promise<{ items: PackageRecord[]; next_cursor: string | null }> {
    const environment = await this.environments.find(actor, environmentId);
    if (environment.published_revision === null) return { items: [], next_cursor: null };
    const filter = {
      q: query.q,
      explicit: query.explicit === undefined ? undefined : query.explicit === 'true',
    };
    // A page goes on in the revision in which it began, not in whatever is newest then.
    const shape = { list: 'packages', environmentId, revision: environment.published_revision, ...filter };
    const key = decodeCursor(query.cursor, shape, KEY_LENGTH);
    const found = await this.packages.list(
      environmentId,
      environment.published_revision,
      filter,
      key && { name: String(key[0]), kind: String(key[1]) },
      query.limit,
    );
    return pageOf(
      found,
      query.limit,
      (record) => record,
      (record) => [record.name, record.kind],
      shape,
    );
  }

  async add(
    caller: Caller,
    environmentId: string,
    body: AddPackagesBody,
    ifMatch: string | undefined,
  ): Promise<Answer<JobObject>> {
    const environment = await this.environments.find(caller.actor, environmentId, 'environments:update');
    const check = new InputCheck();
    const specs = checkSpecs(check, environment.package_manager, body, true);
    check.done();
    return this.environments.request(caller, environment, { type: 'install', ...specs }, ifMatch);
  }

  async remove(
    caller: Caller,
    environmentId: string,
    name: string,
    ifMatch: string | undefined,
  ): Promise<Answer<JobObject>> {
    const environment = await this.environments.find(caller.actor, environmentId, 'environments:update');
    const check = new InputCheck();
    const names = checkNames(check, environment.package_manager, [name]);
    check.done();
    // With a change on its way the package may still come; then the job itself finds out.
    if (environment.active_job_id === null) await this.requireExplicit(environment, names[0]!);
    return this.environments.request(caller, environment, { type: 'remove', packages: names }, ifMatch);
  }

  private async requireExplicit(
    environment: { id: string; name: string; published_revision: number | null },
    name: string,
  ): Promise<void> {
    const found =
      environment.published_revision &&
      (await this.packages.find(environment.id, environment.published_revision, name));
    if (!found) {
      throw new Problem(
        404,
        'package_not_in_environment',
        `${environment.name} has no package named ${name}.`,
      );
    }
    if (!found.explicit) {
      throw new Problem(
        422,
        'package_not_explicit',
        `${name} came along with another package; remove the package that needs it.`,
      );
    }
  }
}
