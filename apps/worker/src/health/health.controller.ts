import { ServiceInfo } from '@darb/service-kit/edge';
import { Controller, Get, Header, HttpStatus, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Machine } from '../machine/machine.js';
import { ActiveRuns } from '../runs/active-runs.js';
import { WorkerAgent } from '../session/worker-agent.js';

@Controller('health')
export class HealthController {
  constructor(
    @Inject(WorkerAgent) private readonly agent: WorkerAgent,
    @Inject(ActiveRuns) private readonly runs: ActiveRuns,
    @Inject(Machine) private readonly machine: Machine,
    @Inject(ServiceInfo) private readonly service: ServiceInfo,
  ) {}

  /** The process is alive; asks nobody. */
  @Get()
  live(): { status: string; service: string; version: string } {
    return { status: 'ok', service: this.service.name, version: this.service.version };
  }

  /** 200 once it has joined and while it takes jobs. */
  @Get('ready')
  @Header('cache-control', 'no-store')
  ready(@Res({ passthrough: true }) reply: FastifyReply): Record<string, unknown> {
    const { workerId, isStopping } = this.agent;
    const isReady = workerId !== null && !isStopping;
    void reply.status(isReady ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE);
    const detail = 'it has not accepted this worker yet';
    return {
      status: isStopping ? 'stopping' : isReady ? 'ok' : 'unavailable',
      service: this.service.name,
      version: this.service.version,
      dependencies: { jobs: workerId === null ? { status: 'unavailable', detail } : { status: 'ok' } },
      worker_id: workerId,
      running: this.runs.count,
      store: this.machine.store.id,
      sandbox: this.machine.sandbox.report,
      managers: this.machine.reports.map(({ type, available, version, reason }) => ({
        type,
        available,
        version,
        reason,
      })),
    };
  }
}
