'use client';

import dynamic from 'next/dynamic';
import { PencilIcon, RotateCwIcon } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import type { Job } from '../../lib/api';
import { isAboutPackages } from '../../lib/error-advice';
import { SendButton } from '../common/send-button';
import { Button } from '../ui/button';
import { useRetry } from './use-retry';

const RetryDialog = dynamic(() => import('./retry-dialog').then((module) => module.RetryDialog), {
  ssr: false,
});

/** The two ways on from a job that did not work out; the likelier one comes first. */
export function RetryActions({ job, size = 'sm' }: { job: Job; size?: 'sm' | 'md' }) {
  const [isEditing, setEditing] = useState(false);
  const retry = useRetry(job, { onError: (error) => toast.error(error.message) });
  // A service that says nothing of the change can not repeat it.
  if (job.change === null) return null;
  const isEditFirst = hasSpecs(job) && job.error !== null && isAboutPackages(job.error);
  const edit = hasSpecs(job) ? (
    <Button size={size} variant={isEditFirst ? 'primary' : 'outline'} onClick={() => setEditing(true)}>
      <PencilIcon /> Edit and retry
    </Button>
  ) : null;
  const again = (
    <SendButton
      size={size}
      variant={isEditFirst ? 'outline' : 'primary'}
      isPending={retry.isPending}
      onClick={() => retry.send({})}
    >
      {retry.isPending ? null : <RotateCwIcon />} Retry
    </SendButton>
  );
  return (
    <>
      {isEditFirst ? edit : again}
      {isEditFirst ? again : edit}
      {edit ? <RetryDialog job={job} open={isEditing} onOpenChange={setEditing} /> : null}
    </>
  );
}

/** Whether the change is a list of packages that one can edit; a file or everything is not. */
export function hasSpecs({ type, packages }: Pick<Job, 'type' | 'packages'>): boolean {
  return (type === 'create' || type === 'install') && packages.length > 0;
}
