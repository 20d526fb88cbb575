'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { api, type Environment } from '../../lib/api';
import { newIdempotencyKey } from '../../lib/browser';
import { errorOf } from '../../lib/field-errors';
import { ApiProblem } from '../../lib/http';
import { applyJob } from '../../live/apply-events';
import { OfflineNote, SendButton } from '../common/send-button';
import { useSend } from '../common/use-send';
import { Button } from '../ui/button';
import { Dialog, DialogBody, DialogClose, DialogContent, DialogFooter } from '../ui/dialog';
import { DialogForm } from '../ui/dialog-form';
import { Field } from '../ui/field';
import { Kbd } from '../ui/kbd';
import { FormError } from './form-error';
import { EntryErrors, PackagesInput } from './packages-input';
import { useSpecEntry } from './use-spec-entry';

const SHOWN_FIELDS = ['packages'];

interface AddPackagesDialogProps {
  environment: Environment;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function AddPackagesDialog({ environment, open, onOpenChange }: AddPackagesDialogProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent
        heading="Add packages"
        description={`Darb installs these into a new revision. ${environment.name} switches when it is ready.`}
      >
        <AddForm environment={environment} onDone={() => onOpenChange(false)} />
      </DialogContent>
    </Dialog>
  );
}

function AddForm({ environment, onDone }: { environment: Environment; onDone: () => void }) {
  const client = useQueryClient();
  const entry = useSpecEntry();
  const key = useRef({ key: newIdempotencyKey(), body: '' });
  const add = useSend({
    send: (packages: string[], signal) => {
      const text = packages.join('\n');
      if (key.current.body !== text) key.current = { key: newIdempotencyKey(), body: text };
      return api.addPackages(environment.id, packages, key.current.key, signal);
    },
    onSuccess: (job) => {
      applyJob(client, job);
      onDone();
    },
    onError: (error) => entry.refuse(error),
  });
  const send = () => {
    if (add.isPending) return;
    const packages = entry.take();
    if (packages.length > 0) add.send(packages);
  };
  const fieldError = add.error instanceof ApiProblem ? errorOf(add.error.errors, 'packages') : null;
  const isEmpty = entry.specs.length === 0 && entry.draft.trim() === '';
  return (
    <DialogForm onSend={send}>
      <DialogBody>
        <Field
          label="Packages"
          hint="Enter after each, or paste a list with one per line."
          error={fieldError}
        >
          {(ids) => (
            <PackagesInput
              ids={ids}
              entry={entry}
              placeholder={environment.package_manager === 'pixi' ? 'numpy >=2' : 'httpx>=0.27'}
              autoFocus
            />
          )}
        </Field>
        <EntryErrors specs={entry.specs} errors={entry.errors} />
        <FormError
          error={add.error}
          isPlaced={fieldError !== null || (add.error !== null && entry.errors.size > 0)}
          shownFields={SHOWN_FIELDS}
        />
      </DialogBody>
      <DialogFooter>
        <OfflineNote />
        <DialogClose asChild>
          <Button variant="ghost">Cancel</Button>
        </DialogClose>
        <SendButton type="submit" variant="primary" isPending={add.isPending} disabled={isEmpty}>
          Add <Kbd className="ml-0.5">Ctrl ↵</Kbd>
        </SendButton>
      </DialogFooter>
    </DialogForm>
  );
}
