'use client';

import { useQueryClient } from '@tanstack/react-query';
import { toast } from 'sonner';
import { api } from '../../lib/api';
import { newIdempotencyKey } from '../../lib/browser';
import { applyJob } from '../../live/apply-events';
import { useSend } from '../common/use-send';

export function useUpdateEverything(environmentId: string) {
  const client = useQueryClient();
  return useSend({
    send: (_, signal) => api.updateEnvironment(environmentId, newIdempotencyKey(), signal),
    onSuccess: (job) => applyJob(client, job),
    onError: (error) => toast.error(error.message),
  });
}
