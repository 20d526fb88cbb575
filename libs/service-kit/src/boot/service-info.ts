import { createRequire } from 'node:module';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

export type ServiceName = 'auth' | 'environments' | 'jobs' | 'worker' | 'gateway';

/** Which service this process is. */
export class ServiceInfo {
  readonly version = version;
  constructor(readonly name: ServiceName) {}
}
