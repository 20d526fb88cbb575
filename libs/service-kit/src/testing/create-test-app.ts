import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ServerConfig } from '../config/groups.js';
import { parseConfig } from '../config/parse-config.js';
import type { ServiceOptions } from '../boot/service-app.js';
import { createServiceApp } from '../boot/service-app.js';
import { createLogger } from '../logging/logger.js';

export interface TestAppOptions<Config extends ServerConfig> extends ServiceOptions<Config> {
  environment: Record<string, string>;
  /** Listen on a free loopback port (needed for streams); otherwise use `app.inject()`. */
  listen?: boolean;
}

/** The service as it really boots, for integration tests: only the settings are the test's. Close it with `app.close()`. */
export async function createTestApp<Config extends ServerConfig>(
  options: TestAppOptions<Config>,
): Promise<NestFastifyApplication> {
  const config = parseConfig(options.configClass, { DARB_LOG_LEVEL: 'error', ...options.environment });
  const app = await createServiceApp(options, config, createLogger(options.service, config));
  if (options.listen) await app.listen(0, '127.0.0.1');
  else {
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
  }
  return app;
}
