'use client';

import { useQueryClient } from '@tanstack/react-query';
import { api, type Environment } from '../../lib/api';
import { applyJob } from '../../live/apply-events';
import { Prose } from '../common/prose';
import { OfflineNote, SendButton } from '../common/send-button';
import { useSend } from '../common/use-send';
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
  const remove = useSend({
    send: (target: string, signal) => api.removePackage(environment.id, target, signal),
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
        remove.cancel();
        onClose();
      }}
    >
      <DialogContent
        className="sm:max-w-md"
        heading={`Remove ${name ?? ''}?`}
        description="Creates a revision without it and its unused dependencies. The present revision stays as it is."
      >
        <DialogBody className="empty:hidden">
          {remove.error ? (
            <p role="alert" className="text-sm text-danger">
              <Prose text={remove.error.message} />
            </p>
          ) : null}
        </DialogBody>
        <DialogFooter className="mt-3">
          <OfflineNote />
          <DialogClose asChild>
            <Button variant="ghost">Keep it</Button>
          </DialogClose>
          <SendButton
            variant="danger"
            autoFocus
            isPending={remove.isPending}
            onClick={() => name !== null && remove.send(name)}
          >
            Remove
          </SendButton>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
