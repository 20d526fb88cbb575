import type { ServiceOptions } from '@darb/service-kit';
import { AppModule } from './app.module.js';
import { EnvironmentsConfig } from './config.js';

/** How this service boots; main.ts starts it, openapi.ts describes it, tests run it. */
export const SERVICE: ServiceOptions<EnvironmentsConfig> = {
  service: 'environments',
  module: AppModule,
  configClass: EnvironmentsConfig,
  // A manifest and a lockfile of 10 million characters each, with what JSON adds.
  bodyLimitBytes: 24 * 1024 * 1024,
};
