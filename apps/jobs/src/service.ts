import type { ServiceOptions } from '@darb/service-kit';
import { AppModule } from './app.module.js';
import { JobsConfig } from './config.js';

/** What this service is, for starting it, for its OpenAPI document, and for tests. */
export const jobsService: ServiceOptions<JobsConfig> = {
  service: 'jobs',
  module: AppModule,
  configClass: JobsConfig,
  // A finish carries a lockfile and every package of the environment.
  bodyLimitBytes: 32 * 1024 * 1024,
  bufferContentTypes: ['application/gzip'],
};
