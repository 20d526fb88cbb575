'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState, type FormEvent } from 'react';
import { toast } from 'sonner';
import { api, type Environment } from '../../lib/api';
import { applyJob } from '../../live/apply-events';
import { OfflineNote, SendButton } from '../common/send-button';
import { useSend } from '../common/use-send';
import { Button } from '../ui/button';
import { Dialog, DialogBody, DialogClose, DialogContent, DialogFooter } from '../ui/dialog';
import { Field } from '../ui/field';
import { Input } from '../ui/input';

interface DeleteDialogProps {
  environment: Environment;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function DeleteDialog({ environment, open, onOpenChange }: DeleteDialogProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent
        className="sm:max-w-md"
        heading={`Delete ${environment.name}?`}
        description="Deletes the folder and all revisions. Waiting changes are cancelled and a running one is stopped. Jobs and their logs stay readable."
      >
        <DeleteForm environment={environment} />
      </DialogContent>
    </Dialog>
  );
}

function DeleteForm({ environment }: { environment: Environment }) {
  const client = useQueryClient();
  const router = useRouter();
  const [typed, setTyped] = useState('');
  const remove = useSend({
    send: (_, signal) => api.deleteEnvironment(environment.id, signal),
    onSuccess: (job) => {
      applyJob(client, job);
      router.push('/environments');
      toast(`${environment.name} is being deleted.`, {
        action: { label: 'Watch', onClick: () => router.push(`/jobs/${job.id}`) },
      });
    },
  });
  const isConfirmed = typed.trim() === environment.name;
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (isConfirmed && !remove.isPending) remove.send();
  };
  return (
    <form onSubmit={onSubmit}>
      <DialogBody>
        <Field
          label={
            <>
              Type <span className="font-mono text-danger">{environment.name}</span> to confirm
            </>
          }
          error={remove.error?.message ?? null}
        >
          {(ids) => (
            <Input
              {...ids}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
              autoFocus
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
            />
          )}
        </Field>
      </DialogBody>
      <DialogFooter>
        <OfflineNote />
        <DialogClose asChild>
          <Button variant="ghost">Keep it</Button>
        </DialogClose>
        <SendButton type="submit" variant="danger" isPending={remove.isPending} disabled={!isConfirmed}>
          Delete
        </SendButton>
      </DialogFooter>
    </form>
  );
}
