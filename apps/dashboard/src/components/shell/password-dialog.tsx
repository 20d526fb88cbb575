'use client';

import { useState } from 'react';
import { toast } from 'sonner';
import { api } from '../../lib/api';
import { errorOf } from '../../lib/field-errors';
import { ApiProblem } from '../../lib/http';
import { OfflineNote, SendButton } from '../common/send-button';
import { useSend } from '../common/use-send';
import { Button } from '../ui/button';
import { Dialog, DialogBody, DialogClose, DialogContent, DialogFooter } from '../ui/dialog';
import { DialogForm } from '../ui/dialog-form';
import { Field } from '../ui/field';
import { Input } from '../ui/input';

interface PasswordDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function PasswordDialog({ open, onOpenChange }: PasswordDialogProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent
        className="sm:max-w-md"
        heading="Change password"
        description="You stay signed in here; everywhere else you are signed out."
      >
        <PasswordForm onDone={() => onOpenChange(false)} />
      </DialogContent>
    </Dialog>
  );
}

function PasswordForm({ onDone }: { onDone: () => void }) {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const change = useSend<void>({
    send: (_, signal) => api.changePassword(current, next, signal),
    onSuccess: () => {
      toast.success('Your password is changed.');
      onDone();
    },
  });
  const errors = change.error instanceof ApiProblem ? change.error.errors : [];
  const nextError = errorOf(errors, 'new_password');
  const isReady = current !== '' && next !== '' && !change.isPending;
  return (
    <DialogForm onSend={() => isReady && change.send()}>
      <DialogBody>
        <Field label="Current password" error={nextError === null ? (change.error?.message ?? null) : null}>
          {(ids) => (
            <Input
              {...ids}
              type="password"
              autoComplete="current-password"
              value={current}
              onChange={(event) => setCurrent(event.target.value)}
            />
          )}
        </Field>
        <Field label="New password" hint="At least 8 characters." error={nextError}>
          {(ids) => (
            <Input
              {...ids}
              type="password"
              autoComplete="new-password"
              value={next}
              onChange={(event) => setNext(event.target.value)}
            />
          )}
        </Field>
      </DialogBody>
      <DialogFooter>
        <OfflineNote />
        <DialogClose asChild>
          <Button variant="ghost">Cancel</Button>
        </DialogClose>
        <SendButton type="submit" isPending={change.isPending} disabled={!isReady}>
          Change password
        </SendButton>
      </DialogFooter>
    </DialogForm>
  );
}
