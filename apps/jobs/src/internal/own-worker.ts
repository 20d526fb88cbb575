import { forbidden } from '@darb/service-kit';
import type { WorkerIdentity } from '@darb/service-kit';

/** A worker's token speaks for that worker only. */
export function requireOwn(worker: WorkerIdentity, workerId: string): void {
  if (worker.workerId !== workerId) throw forbidden('This token belongs to another worker.');
}
