import { HEARTBEAT_SECONDS } from '@darb/models';
import type {
  HeartbeatAnswer,
  HeartbeatRequest,
  RegisterWorkerAnswer,
  RegisterWorkerRequest,
} from '@darb/models';
import { notFound, SecretConfig, signWorkerToken, WORKER_TOKEN_SECONDS } from '@darb/service-kit';
import { Injectable, Logger } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { WorkerDto, WorkerListDto } from './workers.dto.js';
import { WorkersRepository } from './workers.repository.js';
import type { WorkerRow } from './workers.repository.js';

@Injectable()
export class WorkersService {
  private readonly logger = new Logger('WorkersService');

  constructor(
    private readonly workers: WorkersRepository,
    private readonly secret: SecretConfig,
  ) {}

  /** Every process start is a new worker, so that nothing of an old one can be taken for the new one's. */
  async register(request: RegisterWorkerRequest): Promise<RegisterWorkerAnswer> {
    const id = uuidv7();
    await this.workers.register(id, request);
    this.logger.log(`Worker ${request.name} joined as ${id} with ${request.slots} slots.`);
    return {
      worker_id: id,
      token: await signWorkerToken(this.secret.authJwtSecret, id),
      expires_in: WORKER_TOKEN_SECONDS,
      heartbeat_seconds: HEARTBEAT_SECONDS,
    };
  }

  async heartbeat(id: string, request: HeartbeatRequest): Promise<HeartbeatAnswer> {
    const signals = await this.workers.heartbeat(id, request);
    return {
      token: await signWorkerToken(this.secret.authJwtSecret, id),
      expires_in: WORKER_TOKEN_SECONDS,
      jobs:
        signals ??
        request.jobs.map(({ id: jobId, epoch }) => ({
          id: jobId,
          epoch,
          cancel: false,
          cancel_code: null,
          stale: true,
        })),
      known: signals !== null,
    };
  }

  /** Takes no new jobs on a worker, or takes them again; what runs on it goes on. */
  async drain(id: string, isDraining: boolean): Promise<WorkerDto> {
    const isThere = await this.workers.requestDrain(id, isDraining);
    const worker = isThere ? await this.workers.findPresent(id) : undefined;
    if (!worker) throw notFound('worker');
    this.logger.log({ event: 'worker_drain_requested', worker_id: id, drain: isDraining });
    return toWorker(worker);
  }

  async list(): Promise<WorkerListDto> {
    return { items: (await this.workers.listPresent()).map(toWorker), next_cursor: null };
  }
}

const UNKNOWN_SPACE = { free_bytes: null, total_bytes: null };

function statusOf(row: WorkerRow): WorkerDto['status'] {
  if (row.is_silent) return 'silent';
  return row.draining || row.drain_requested ? 'draining' : 'live';
}

function toWorker(row: WorkerRow): WorkerDto {
  return {
    id: row.id,
    name: row.name,
    status: statusOf(row),
    drain_requested: row.drain_requested,
    store: { id: row.store_id, root: row.store_root, ...(row.space ?? UNKNOWN_SPACE) },
    platform: row.platform,
    version: row.version,
    slots: row.slots,
    running: row.running,
    managers: row.managers.map(({ type, available, version, reason, interpreters }) => ({
      type,
      available,
      version,
      reason,
      interpreters: interpreters.map((interpreter) => ({
        implementation: interpreter.implementation,
        version: interpreter.version,
      })),
    })),
    sandbox: row.sandbox,
    labels: row.labels,
    registered_at: row.registered_at.toISOString(),
    heartbeat_at: row.heartbeat_at.toISOString(),
  };
}
