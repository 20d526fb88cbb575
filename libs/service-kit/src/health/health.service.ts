import { Inject, Injectable } from '@nestjs/common';
import { ServiceInfo } from '../boot/service-info.js';
import { Shutdown } from '../boot/shutdown.js';
import { redactUrls } from '../logging/logger.js';
import type { HealthCheck, HealthDetails } from './health.js';

export const HEALTH_CHECKS = Symbol('darb:health-checks');
export const HEALTH_DETAILS = Symbol('darb:health-details');
const CHECK_TIMEOUT_MS = 2_000;

export interface Readiness {
  status: 'ok' | 'unavailable' | 'stopping';
  service: string;
  version: string;
  dependencies: Record<string, { status: 'ok' | 'unavailable'; detail?: string }>;
}

@Injectable()
export class HealthService {
  constructor(
    @Inject(HEALTH_CHECKS) private readonly checks: HealthCheck[],
    @Inject(HEALTH_DETAILS) private readonly detailers: HealthDetails[],
    @Inject(ServiceInfo) private readonly service: ServiceInfo,
    @Inject(Shutdown) private readonly shutdown: Shutdown,
  ) {}

  async readiness(): Promise<Readiness & Record<string, unknown>> {
    const dependencies: Readiness['dependencies'] = {};
    await Promise.all(
      this.checks.map(async (check) => {
        dependencies[check.name] = await withTimeout(check.check()).then(
          () => ({ status: 'ok' as const }),
          (error: Error) => ({ status: 'unavailable' as const, detail: redactUrls(error.message) }),
        );
      }),
    );
    const isOk = Object.values(dependencies).every(({ status }) => status === 'ok');
    const details = await Promise.all(
      this.detailers.map((detailer) => withTimeout(detailer.details()).catch(() => ({}))),
    );
    return {
      status: this.shutdown.isStopping ? 'stopping' : isOk ? 'ok' : 'unavailable',
      service: this.service.name,
      version: this.service.version,
      dependencies,
      ...(Object.assign({}, ...details) as Record<string, unknown>),
    };
  }
}

function withTimeout<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), CHECK_TIMEOUT_MS);
  });
  return Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}
