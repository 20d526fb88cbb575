'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { LoaderCircleIcon } from 'lucide-react';
import { useRef } from 'react';
import { api, type Environment } from '../../lib/api';
import { newIdempotencyKey } from '../../lib/browser';
import { errorOf } from '../../lib/field-errors';
import { ApiProblem } from '../../lib/http';
import { applyJob } from '../../live/apply-events';
import { Button } from '../ui/button';
import { Dialog, DialogBody, DialogClose, DialogContent, DialogFooter } from '../ui/dialog';
import { DialogForm } from '../ui/dialog-form';
import { Field } from '../ui/field';
import { Kbd } from '../ui/kbd';
import { FormError } from './create-form';
import { EntryErrors, PackagesInput } from './packages-input';
import { useSpecEntry } from './use-spec-entry';

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
        description={`A job solves and installs them beside the present revision; ${environment.name} switches when all is there.`}
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
  const add = useMutation({
    mutationFn: (packages: string[]) => {
      const text = packages.join('\n');
      if (key.current.body !== text) key.current = { key: newIdempotencyKey(), body: text };
      return api.addPackages(environment.id, packages, key.current.key);
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
    if (packages.length > 0) add.mutate(packages);
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
              specs={entry.specs}
              onSpecsChange={entry.setSpecs}
              draft={entry.draft}
              onDraftChange={entry.setDraft}
              errors={entry.errors}
              placeholder={environment.package_manager === 'pixi' ? 'numpy >=2' : 'httpx>=0.27'}
              autoFocus
            />
          )}
        </Field>
        <EntryErrors specs={entry.specs} errors={entry.errors} />
        <FormError error={add.error} isPlaced={fieldError !== null || entry.errors.size > 0} />
      </DialogBody>
      <DialogFooter>
        <DialogClose asChild>
          <Button variant="ghost">Cancel</Button>
        </DialogClose>
        <Button type="submit" variant="primary" disabled={add.isPending || isEmpty}>
          {add.isPending ? <LoaderCircleIcon className="animate-spin" /> : null}
          Add <Kbd className="ml-0.5">Ctrl ↵</Kbd>
        </Button>
      </DialogFooter>
    </DialogForm>
  );
}
