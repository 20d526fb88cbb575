import type { RegisterWorkerRequest } from '@darb/models';
import { currentLibc, currentPlatform } from '@darb/package-manager';
import { ServiceInfo } from '@darb/service-kit/edge';
import type { WorkerConfig } from '../config.js';
import type { Machine } from './machine.js';

/** What the jobs service is told about this worker. */
export function registrationOf(config: WorkerConfig, machine: Machine): RegisterWorkerRequest {
  return {
    name: config.name,
    store: { id: machine.store.id, root: machine.store.root },
    platform: currentPlatform(),
    libc: currentLibc(),
    managers: machine.reports,
    slots: config.concurrency,
    labels: config.labels,
    sandbox: machine.sandbox.report,
    version: new ServiceInfo('worker').version,
  };
}
