import { ServiceInfo } from '@darb/service-kit/edge';
import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { HealthSummary } from './health.service.js';
import { HealthService } from './health.service.js';

interface OwnHealth {
  status: 'ok';
  service: string;
  version: string;
}

@Controller()
export class HealthController {
  constructor(
    @Inject(HealthService) private readonly health: HealthService,
    @Inject(ServiceInfo) private readonly service: ServiceInfo,
  ) {}

  /** All of Darb: 200 when every service is ready, an admin exists and a worker has registered, else 503. */
  @Get('api/v1/health')
  async summary(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthSummary> {
    const summary = await this.health.summary();
    void reply.status(summary.status === 'ok' ? 200 : 503).header('cache-control', 'no-store');
    return summary;
  }

  /** The gateway alone; asks nobody. */
  @Get('health')
  live(): OwnHealth {
    return { status: 'ok', service: this.service.name, version: this.service.version };
  }

  /** The gateway has no dependencies of its own: it is ready once it listens, and says of others what they say. */
  @Get('health/ready')
  ready(@Res({ passthrough: true }) reply: FastifyReply): OwnHealth & { dependencies: object } {
    void reply.header('cache-control', 'no-store');
    return { ...this.live(), dependencies: {} };
  }
}
