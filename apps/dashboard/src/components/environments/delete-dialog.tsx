'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { LoaderCircleIcon } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState, type FormEvent } from 'react';
import { toast } from 'sonner';
import { api, type Environment } from '../../lib/api';
import { applyJob } from '../../live/apply-events';
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
        description="Its folder goes, with all revisions. Waiting changes are cancelled and a running one is stopped. Its jobs and their logs stay readable."
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
  const remove = useMutation({
    mutationFn: () => api.deleteEnvironment(environment.id),
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
    if (isConfirmed && !remove.isPending) remove.mutate();
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
        <DialogClose asChild>
          <Button variant="ghost">Keep it</Button>
        </DialogClose>
        <Button type="submit" variant="danger" disabled={!isConfirmed || remove.isPending}>
          {remove.isPending ? <LoaderCircleIcon className="animate-spin" /> : null}
          Delete
        </Button>
      </DialogFooter>
    </form>
  );
}
