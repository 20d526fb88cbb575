import { ServiceInfo } from '@darb/service-kit/edge';
import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { GatewayConfig } from './config.js';
import { ApiDocument } from './docs/api-document.js';
import { DocsController } from './docs/docs.controller.js';
import { HealthController } from './health/health.controller.js';
import { HealthService } from './health/health.service.js';

/** What the gateway answers itself; everything else is the proxy's. */
@Module({})
export class AppModule {
  static forRoot(config: GatewayConfig): DynamicModule {
    return {
      module: AppModule,
      controllers: [HealthController, DocsController],
      providers: [
        HealthService,
        { provide: GatewayConfig, useValue: config },
        { provide: ServiceInfo, useValue: new ServiceInfo('gateway') },
        { provide: ApiDocument, useFactory: () => new ApiDocument() },
      ],
    };
  }
}
