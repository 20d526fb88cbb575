/** What a worker's BullMQ queue carries: only which dispatch to claim; everything else comes with the claim. */
export interface Delivery {
  job_id: string;
  dispatch_no: number;
}

/** Default of DARB_QUEUE_PREFIX: everything that Darb keeps in Valkey begins with it. */
export const DEFAULT_QUEUE_PREFIX = 'darb';

/** Name of the one queue that this worker, and no other, reads. */
export function workerQueueName(workerId: string): string {
  return `darb.worker.${workerId}`;
}

/** BullMQ id of a delivery: adding the same dispatch twice adds one entry. */
export function deliveryEntryId(delivery: Delivery): string {
  return `${delivery.job_id}-${delivery.dispatch_no}`;
}

export function tailKey(prefix: string, jobId: string, epoch: number): string {
  return `${prefix}:tail:${jobId}:${epoch}`;
}

export function cancelChannelName(prefix: string, workerId: string): string {
  return `${prefix}:cancel:${workerId}`;
}
