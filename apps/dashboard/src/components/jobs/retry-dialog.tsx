'use client';

import { useState } from 'react';
import type { Job } from '../../lib/api';
import { errorOf } from '../../lib/field-errors';
import { ApiProblem, type FieldProblem } from '../../lib/http';
import { offendingSpecs } from '../../lib/offending';
import { OfflineNote, SendButton } from '../common/send-button';
import { EntryErrors, PackagesInput } from '../environments/packages-input';
import { FormError } from '../environments/form-error';
import { useSpecEntry } from '../environments/use-spec-entry';
import { Prose } from '../common/prose';
import { Button } from '../ui/button';
import { Dialog, DialogBody, DialogClose, DialogContent, DialogFooter } from '../ui/dialog';
import { DialogForm } from '../ui/dialog-form';
import { Field } from '../ui/field';
import { Kbd } from '../ui/kbd';
import { useRetry } from './use-retry';

interface RetryDialogProps {
  job: Job;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function RetryDialog({ job, open, onOpenChange }: RetryDialogProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent
        heading="Edit and retry"
        description={
          job.error && job.status === 'failed' ? (
            <Prose text={job.error.message} />
          ) : (
            'Runs the same change again, with these packages.'
          )
        }
      >
        <RetryForm job={job} onDone={() => onOpenChange(false)} />
      </DialogContent>
    </Dialog>
  );
}

function RetryForm({ job, onDone }: { job: Job; onDone: () => void }) {
  const initial = specsOf(job);
  const packages = useSpecEntry({
    field: 'packages',
    specs: initial.packages,
    marked: marksOf(job, initial.packages),
  });
  const pypi = useSpecEntry({
    field: 'pypi_packages',
    specs: initial.pypi,
    marked: marksOf(job, initial.pypi),
  });
  const hasPypi = initial.pypi.length > 0;
  const retry = useRetry(job, {
    onDone,
    onError: (error) => {
      packages.refuse(error);
      pypi.refuse(error);
    },
  });
  const [isEmptied, setEmptied] = useState(false);
  const send = () => {
    if (retry.isPending) return;
    const body = { packages: packages.take(), ...(hasPypi ? { pypi_packages: pypi.take() } : {}) };
    const isEmpty = body.packages.length === 0 && (body.pypi_packages ?? []).length === 0;
    setEmptied(isEmpty);
    if (!isEmpty || job.type === 'create') retry.send(body);
  };
  const problem = retry.error instanceof ApiProblem ? retry.error : null;
  const fieldError = isEmptied && job.type !== 'create' ? 'Add at least one package.' : null;
  const errors = packages.errors.size + pypi.errors.size;
  return (
    <DialogForm onSend={send}>
      <DialogBody>
        <Field
          label={hasPypi ? 'Conda packages' : 'Packages'}
          hint="Click one to edit it."
          error={fieldError ?? (problem && errorOf(problem.errors, 'packages'))}
        >
          {(ids) => <PackagesInput ids={ids} entry={packages} placeholder="numpy>=2" autoFocus />}
        </Field>
        <EntryErrors specs={packages.specs} errors={packages.errors} />
        {hasPypi ? (
          <>
            <Field label="PyPI packages" error={problem && errorOf(problem.errors, 'pypi_packages')}>
              {(ids) => <PackagesInput ids={ids} entry={pypi} placeholder="httpx>=0.27" />}
            </Field>
            <EntryErrors specs={pypi.specs} errors={pypi.errors} />
          </>
        ) : null}
        <FormError
          error={retry.error}
          isPlaced={retry.error !== null && errors > 0}
          shownFields={SHOWN_FIELDS}
        />
      </DialogBody>
      <DialogFooter>
        <OfflineNote />
        <DialogClose asChild>
          <Button variant="ghost">Cancel</Button>
        </DialogClose>
        <SendButton type="submit" variant="primary" isPending={retry.isPending}>
          Retry <Kbd className="ml-0.5">Ctrl ↵</Kbd>
        </SendButton>
      </DialogFooter>
    </DialogForm>
  );
}

const SHOWN_FIELDS = ['packages', 'pypi_packages'];

function specsOf({ packages, change }: Job): { packages: string[]; pypi: string[] } {
  return { packages: change?.packages ?? packages, pypi: change?.pypi_packages ?? [] };
}

/** The entries that the job's error names, as if the API had refused them. */
function marksOf({ error, status }: Job, specs: readonly string[]): Map<number, FieldProblem> {
  if (status !== 'failed' || error === null) return new Map();
  const marked = [...offendingSpecs(specs, error)];
  return new Map(
    marked.map((index) => [
      index,
      { field: `packages[${index}]`, code: error.code, message: 'The error names this one.' },
    ]),
  );
}
