import type { DynamicModule, Provider } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { groupsOf } from '../config/config-variable.js';
import { Idempotency } from '../idempotency/idempotency.js';
import { MetricsController } from '../metrics/metrics.controller.js';
import { Metrics } from '../metrics/metrics.js';
import type { ServiceName } from './service-info.js';
import { ServiceInfo } from './service-info.js';
import { Shutdown } from './shutdown.js';

/** What every service has: its parsed settings under their class and each group's class, metrics, shutdown signal. */
@Module({})
export class KitModule {
  static forService(service: ServiceName, configClass: new () => object, config: object): DynamicModule {
    const providers: Provider[] = [
      ...[
        configClass,
        ...groupsOf(configClass),
        ...groupsOf(Object.getPrototypeOf(configClass) as never),
      ].map((token) => ({ provide: token, useValue: config })),
      { provide: ServiceInfo, useValue: new ServiceInfo(service) },
      Shutdown,
      Metrics,
      Idempotency,
    ];
    return {
      module: KitModule,
      global: true,
      controllers: [MetricsController],
      providers,
      exports: providers.map((provider) => (typeof provider === 'function' ? provider : provider.provide)),
    };
  }
}
