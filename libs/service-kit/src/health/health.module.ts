import type { DynamicModule, ModuleMetadata, Type } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import type { HealthCheck, HealthDetails } from './health.js';
import { HEALTH_CHECKS, HEALTH_DETAILS, HealthService } from './health.service.js';

export interface HealthOptions {
  imports?: ModuleMetadata['imports'];
  checks?: Type<HealthCheck>[];
  details?: Type<HealthDetails>[];
}

/** `/health` and `/health/ready`. The given classes are made by Nest: they inject what they need. */
@Module({})
export class HealthModule {
  static forRoot(options: HealthOptions = {}): DynamicModule {
    const checks = options.checks ?? [];
    const details = options.details ?? [];
    return {
      module: HealthModule,
      imports: options.imports ?? [],
      controllers: [HealthController],
      providers: [
        HealthService,
        ...checks,
        ...details,
        { provide: HEALTH_CHECKS, useFactory: (...made: HealthCheck[]) => made, inject: checks },
        { provide: HEALTH_DETAILS, useFactory: (...made: HealthDetails[]) => made, inject: details },
      ],
    };
  }
}
