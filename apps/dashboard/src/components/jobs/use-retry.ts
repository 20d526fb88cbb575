'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useRef } from 'react';
import { api, type Job, type RetryBody } from '../../lib/api';
import { newIdempotencyKey } from '../../lib/browser';
import { applyJob } from '../../live/apply-events';
import { useSend } from '../common/use-send';

interface RetryOptions {
  onDone?: (job: Job) => void;
  onError?: (error: Error) => void;
}

/** Runs the change of a job again as a new job, and shows that one. */
export function useRetry(job: Pick<Job, 'id'>, { onDone, onError }: RetryOptions = {}) {
  const client = useQueryClient();
  const router = useRouter();
  // One key as long as the same thing is requested: a second click makes no second job.
  const key = useRef({ key: newIdempotencyKey(), body: '' });
  return useSend<Job, RetryBody>({
    send: (body, signal) => {
      const text = JSON.stringify(body);
      if (key.current.body !== text) key.current = { key: newIdempotencyKey(), body: text };
      return api.retryJob(job.id, body, key.current.key, signal);
    },
    onSuccess: (created) => {
      applyJob(client, created);
      onDone?.(created);
      router.push(`/jobs/${created.id}`);
    },
    ...(onError ? { onError } : {}),
  });
}
