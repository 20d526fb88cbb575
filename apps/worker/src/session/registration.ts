import type { RegisterWorkerAnswer, RegisterWorkerRequest } from '@darb/models';
import type { DarbLogger } from '@darb/service-kit/edge';
import type { JobsClient } from '../jobs/jobs.client.js';
import { JobsRefused } from '../jobs/jobs.errors.js';
import { persist } from '../jobs/persist.js';

/** Every n-th failure is logged, so that the reason is always near the end of the log without filling it. */
const LOG_EVERY = 10;
const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 5_000;

/** Joins; a refusal or an absent jobs service is no reason to give up: whoever runs Darb may put it right. */
export function register(
  jobs: JobsClient,
  request: RegisterWorkerRequest,
  joinToken: string,
  stopping: AbortSignal,
  logger: DarbLogger,
): Promise<RegisterWorkerAnswer> {
  return persist(() => jobs.register(request, joinToken), {
    over: stopping,
    isTransient: () => true,
    firstDelayMs: FIRST_DELAY_MS,
    maxDelayMs: MAX_DELAY_MS,
    onRetry: (error, attempt) => {
      if (attempt % LOG_EVERY === 1) logger.warn(`Cannot join yet, retrying: ${sentenceOf(error)}`);
    },
  });
}

function sentenceOf(error: unknown): string {
  const { message } = error as Error;
  const isToken = error instanceof JobsRefused && (error.status === 401 || error.status === 403);
  return isToken ? `${message} Is DARB_WORKER_JOIN_TOKEN the same here and at the jobs service?` : message;
}
