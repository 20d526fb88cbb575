'use client';

import { isTerminal } from '@darb/models';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CircleStopIcon, LoaderCircleIcon } from 'lucide-react';
import { toast } from 'sonner';
import { api, type Job } from '../../lib/api';
import { applyJob } from '../../live/apply-events';
import { Button } from '../ui/button';

/** Asks a job to stop. It is over when the job says so, not when the button was pressed. */
export function CancelButton({ job, size = 'md' }: { job: Job; size?: 'sm' | 'md' }) {
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => api.cancelJob(job.id),
    onSuccess: (answer) => applyJob(client, answer),
    onError: (error) => toast.error(error.message),
  });
  if (isTerminal(job.status)) return null;
  const isAsked = cancel.isPending || job.cancel_requested_at !== null;
  return (
    <Button size={size} variant="danger-outline" disabled={isAsked} onClick={() => cancel.mutate()}>
      {isAsked ? <LoaderCircleIcon className="animate-spin" /> : <CircleStopIcon />}
      {isAsked ? 'Cancelling…' : 'Cancel'}
    </Button>
  );
}
