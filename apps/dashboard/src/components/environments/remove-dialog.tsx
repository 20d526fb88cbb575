'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { LoaderCircleIcon } from 'lucide-react';
import { api, type Environment } from '../../lib/api';
import { applyJob } from '../../live/apply-events';
import { Prose } from '../common/prose';
import { Button } from '../ui/button';
import { Dialog, DialogBody, DialogClose, DialogContent, DialogFooter } from '../ui/dialog';

interface RemoveDialogProps {
  environment: Environment;
  /** Package to remove; null: closed. */
  name: string | null;
  onClose: () => void;
}

export function RemoveDialog({ environment, name, onClose }: RemoveDialogProps) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: (target: string) => api.removePackage(environment.id, target),
    onSuccess: (job) => {
      applyJob(client, job);
      onClose();
    },
  });
  return (
    <Dialog
      open={name !== null}
      onOpenChange={(open) => {
        if (open) return;
        remove.reset();
        onClose();
      }}
    >
      <DialogContent
        className="sm:max-w-md"
        heading={`Remove ${name ?? ''}?`}
        description="A job makes a new revision without it and without what only came along for it. The revision before stays as it is."
      >
        <DialogBody className="empty:hidden">
          {remove.error ? (
            <p role="alert" className="text-sm text-danger">
              <Prose text={remove.error.message} />
            </p>
          ) : null}
        </DialogBody>
        <DialogFooter className="mt-3">
          <DialogClose asChild>
            <Button variant="ghost">Keep it</Button>
          </DialogClose>
          <Button
            variant="danger"
            autoFocus
            disabled={remove.isPending}
            onClick={() => name !== null && remove.mutate(name)}
          >
            {remove.isPending ? <LoaderCircleIcon className="animate-spin" /> : null}
            Remove
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
