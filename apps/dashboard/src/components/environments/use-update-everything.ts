'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { toast } from 'sonner';
import { api } from '../../lib/api';
import { newIdempotencyKey } from '../../lib/browser';
import { applyJob } from '../../live/apply-events';

export function useUpdateEverything(environmentId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.updateEnvironment(environmentId, newIdempotencyKey()),
    onSuccess: (job) => applyJob(client, job),
    onError: (error) => toast.error(error.message),
  });
}
