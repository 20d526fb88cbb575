'use client';

import { isTerminal } from '@darb/models';
import { useQueryClient } from '@tanstack/react-query';
import { CircleStopIcon } from 'lucide-react';
import { toast } from 'sonner';
import { api, type Job } from '../../lib/api';
import { applyJob } from '../../live/apply-events';
import { SendButton } from '../common/send-button';
import { useSend } from '../common/use-send';
import { jobTitle } from './job-words';

interface CancelButtonProps {
  job: Job;
  size?: 'sm' | 'md';
  /** Several of them on a page need names of their own. */
  isNamed?: boolean;
}

/** Asks a job to stop. It is over when the job says so, not when the button was pressed. */
export function CancelButton({ job, size = 'md', isNamed = false }: CancelButtonProps) {
  const client = useQueryClient();
  const cancel = useSend({
    send: (_, signal) => api.cancelJob(job.id, signal),
    onSuccess: (answer) => applyJob(client, answer),
    onError: (error) => toast.error(error.message),
  });
  if (isTerminal(job.status)) return null;
  const isRequested = cancel.isPending || job.cancel_requested_at !== null;
  return (
    <SendButton
      size={size}
      variant="danger-outline"
      isPending={isRequested}
      onClick={() => cancel.send()}
      {...(isNamed ? { 'aria-label': `Cancel ${jobTitle(job)}` } : {})}
    >
      {isRequested ? null : <CircleStopIcon />}
      {isRequested ? 'Cancelling…' : 'Cancel'}
    </SendButton>
  );
}
