import { requestJob, toEnvironmentObject, toJobObject } from '@darb/ledger';
import type { EnvironmentObject, EnvironmentViewRow, JobObject, WaitingLimits } from '@darb/ledger';
import type { Change, PackageManagerType } from '@darb/models';
import {
  Idempotency,
  Problem,
  WaitingLimitsConfig,
  authorize,
  decodeCursor,
  notFound,
  pageOf,
} from '@darb/service-kit';
import type { Actor, Answer, IdempotentRequest } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { PackageManagersService } from '../package-managers/package-managers.service.js';
import type { CreateEnvironmentBody, ListEnvironmentsQuery } from './environments.dto.js';
import { EnvironmentsRepository } from './environments.repository.js';
import type { VisibleEnvironment } from './environments.repository.js';
import { InputCheck, checkDocuments, checkLabels, checkName, checkPython, checkSpecs } from './input.js';
import { ledgerProblem } from './ledger-problem.js';

/** Who asks, from where, and under which Idempotency-Key. */
export interface Caller {
  actor: Actor;
  address: string;
  idempotency: IdempotentRequest | null;
}

const LIST_KEY_LENGTH = 2;

@Injectable()
export class EnvironmentsService {
  private readonly waitingLimits: WaitingLimits;

  constructor(
    private readonly environments: EnvironmentsRepository,
    private readonly packageManagers: PackageManagersService,
    private readonly idempotency: Idempotency,
    limits: WaitingLimitsConfig,
  ) {
    this.waitingLimits = {
      perOrganization: limits.limitWaitingPerOrganization,
      perUser: limits.limitWaitingPerUser,
    };
  }

  async list(
    actor: Actor,
    query: ListEnvironmentsQuery,
  ): Promise<{ items: EnvironmentObject[]; next_cursor: string | null }> {
    const filter = { q: query.q, status: query.status, package_manager: query.package_manager };
    const shape = { list: 'environments', ...filter };
    const key = decodeCursor(query.cursor, shape, LIST_KEY_LENGTH);
    const after = key && { created_at: String(key[0]), id: String(key[1]) };
    const rows = await this.environments.list(actor, filter, after, query.limit);
    return pageOf<EnvironmentViewRow, EnvironmentObject>(
      rows,
      query.limit,
      toEnvironmentObject,
      (row) => [row.created_at.toISOString(), row.id],
      shape,
    );
  }

  /** @throws Problem 404 when it is not there or not to be seen, 403 when the role does not allow it. */
  async find(
    actor: Actor,
    id: string,
    permission: 'environments:read' | 'environments:update' | 'environments:delete' = 'environments:read',
  ): Promise<VisibleEnvironment> {
    const environment = await this.environments.findVisible(actor, id);
    if (!environment) throw notFound('environment');
    authorize(
      actor,
      permission,
      { organizationId: environment.organization_id, grant: environment.grant_role },
      'environment',
    );
    return environment;
  }

  async create(
    caller: Caller,
    body: CreateEnvironmentBody,
  ): Promise<Answer<EnvironmentObject & { job: JobObject }>> {
    const organizationId = await this.ownerOf(caller.actor, body.organization);
    const manager = body.package_manager ?? (await this.packageManagers.defaultType());
    const change = await checkCreate(manager, body);
    await this.packageManagers.requireAvailable(manager);
    return this.environments
      .transaction((tx) =>
        this.idempotency.run(tx, caller.idempotency, async () => {
          const id = uuidv7();
          await this.environments.insert(tx, {
            id,
            name: body.name,
            description: body.description ?? '',
            labels: body.labels ?? {},
            organization_id: organizationId,
            owner_id: caller.actor.userId,
            package_manager: manager,
            python: body.python ?? null,
            channels: body.channels ?? [],
            platforms: [],
          });
          const { job } = await requestJob(tx, {
            subject: { type: 'environment', id },
            change,
            requester: requesterOf(caller),
            limits: this.waitingLimits,
          });
          const environment = await this.environments.read(tx, id);
          return {
            status: 201,
            body: { ...toEnvironmentObject(environment), job: toJobObject(job) },
            headers: { location: `/api/v1/environments/${id}` },
          };
        }),
      )
      .catch((error: unknown) => {
        throw isTakenName(error)
          ? new Problem(
              409,
              'name_taken',
              `There is already an environment named "${body.name}"; choose another name.`,
              {
                errors: [{ field: 'name', code: 'name_taken', message: 'This name is taken.' }],
              },
            )
          : ledgerProblem(error);
      });
  }

  /** Asks for a change of an environment that the caller was already found to be allowed to change. */
  async request(
    caller: Caller,
    environment: VisibleEnvironment,
    change: Change,
    ifMatch?: string,
  ): Promise<Answer<JobObject>> {
    const expected = expectedRevision(ifMatch);
    return this.environments
      .transaction((tx) =>
        this.idempotency.run(tx, caller.idempotency, async () => {
          const { job } = await requestJob(tx, {
            subject: { type: 'environment', id: environment.id },
            change,
            requester: requesterOf(caller),
            limits: this.waitingLimits,
            ...(expected === undefined ? {} : { expectedRevision: expected }),
          });
          return { status: 202, body: toJobObject(job), headers: { location: `/api/v1/jobs/${job.id}` } };
        }),
      )
      .catch((error: unknown) => {
        throw ledgerProblem(error);
      });
  }

  private async ownerOf(actor: Actor, organization: string | undefined): Promise<string> {
    if (organization === undefined) return actor.personalOrganizationId;
    const found = await this.environments.findOrganization(organization);
    if (!found) throw notFound('organization');
    authorize(actor, 'environments:create', { organizationId: found.id }, 'organization');
    return found.id;
  }
}

function requesterOf(caller: Caller): { userId: string; address: string } {
  return { userId: caller.actor.userId, address: caller.address };
}

async function checkCreate(
  manager: PackageManagerType,
  body: CreateEnvironmentBody,
): Promise<Extract<Change, { type: 'create' }>> {
  const check = new InputCheck();
  checkName(check, body.name);
  checkPython(check, body.python);
  checkLabels(check, body.labels ?? {});
  if (body.channels !== undefined && manager !== 'pixi') {
    check.fail('channels', 'validation_failed', 'Only pixi environments have channels.');
  }
  checkChannels(check, body.channels ?? []);
  const documents = await checkDocuments(check, manager, body);
  const specs = checkSpecs(check, manager, body, false);
  check.done();
  return { type: 'create', python: body.python ?? null, ...specs, ...documents };
}

/** Only conda-forge until policies name more: a channel is a place from which code comes. */
function checkChannels(check: InputCheck, channels: string[]): void {
  for (const [index, channel] of channels.entries()) {
    if (channel !== 'conda-forge') {
      check.fail(
        `channels[${index}]`,
        'channel_not_allowed',
        'Only the channel conda-forge is allowed here.',
      );
    }
  }
}

/** `If-Match: "3"`, with or without quotes; `*` and absence match everything. */
function expectedRevision(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined || ifMatch.trim() === '*') return undefined;
  const match = /^(?:W\/)?"?(\d{1,9})"?$/.exec(ifMatch.trim());
  if (!match) {
    throw new Problem(400, 'bad_if_match', 'If-Match must be the ETag of the environment, for example "3".');
  }
  return Number(match[1]);
}

function isTakenName(error: unknown): boolean {
  const { constraint } = ((error as { driverError?: object }).driverError ?? error) as {
    constraint?: string;
  };
  return constraint === 'environments_name_key';
}
