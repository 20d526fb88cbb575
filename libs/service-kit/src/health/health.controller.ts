import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../access/decorators.js';
import { ServiceInfo } from '../boot/service-info.js';
import { HealthService } from './health.service.js';

@ApiExcludeController()
@Public()
@Controller('health')
export class HealthController {
  constructor(
    @Inject(HealthService) private readonly health: HealthService,
    @Inject(ServiceInfo) private readonly service: ServiceInfo,
  ) {}

  /** The process is alive; asks nobody. */
  @Get()
  live(): { status: string; service: string; version: string } {
    return { status: 'ok', service: this.service.name, version: this.service.version };
  }

  /** 200 when the service can do its work, else 503 with the same body. */
  @Get('ready')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Record<string, unknown>> {
    const readiness = await this.health.readiness();
    void reply.status(readiness.status === 'ok' ? 200 : 503).header('cache-control', 'no-store');
    return readiness;
  }
}
