'use client';

import type { PackageManagerType } from '@darb/models';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useRef, useState } from 'react';
import { api } from '../../lib/api';
import { toJob } from '../../lib/answers';
import { newIdempotencyKey } from '../../lib/browser';
import { errorOf } from '../../lib/field-errors';
import { ApiProblem } from '../../lib/http';
import { queries } from '../../lib/queries';
import { applyEnvironment, applyJob } from '../../live/apply-events';
import { OfflineNote, SendButton } from '../common/send-button';
import { useSend } from '../common/use-send';
import { Button } from '../ui/button';
import { DialogBody, DialogClose, DialogFooter } from '../ui/dialog';
import { DialogForm } from '../ui/dialog-form';
import { Field } from '../ui/field';
import { Input } from '../ui/input';
import { Kbd } from '../ui/kbd';
import { FormError } from './form-error';
import { ManagerChoice } from './manager-choice';
import { EntryErrors, PackagesInput } from './packages-input';
import { NEWEST, PythonSelect } from './python-select';
import { useSpecEntry } from './use-spec-entry';

const SHOWN_FIELDS = ['name', 'package_manager', 'python', 'packages'];

export function CreateForm({ onDone }: { onDone: () => void }) {
  const router = useRouter();
  const client = useQueryClient();
  const managers = useQuery(queries.packageManagers());
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<PackageManagerType | null>(null);
  const [python, setPython] = useState(NEWEST);
  const entry = useSpecEntry();
  // One key as long as the same thing is asked for: a second click makes no second environment.
  const key = useRef({ key: newIdempotencyKey(), body: '' });

  const items = managers.data?.items ?? [];
  const manager =
    chosen ?? items.find((item) => item.default)?.type ?? items.find((item) => item.available)?.type;
  const pythons = items.find((item) => item.type === manager)?.python_versions ?? [];

  const create = useSend({
    send: (packages: string[], signal) => {
      const body = {
        name: name.trim(),
        ...(manager ? { package_manager: manager } : {}),
        ...(python === NEWEST ? {} : { python }),
        ...(packages.length > 0 ? { packages } : {}),
      };
      const text = JSON.stringify(body);
      if (key.current.body !== text) key.current = { key: newIdempotencyKey(), body: text };
      return api.createEnvironment(body, key.current.key, signal);
    },
    onSuccess: ({ job, ...environment }) => {
      applyEnvironment(client, environment);
      applyJob(client, toJob(job));
      onDone();
      router.push(`/environments/${environment.id}`);
    },
    onError: (error) => entry.refuse(error),
  });

  const send = () => {
    if (!create.isPending && name.trim()) create.send(entry.take());
  };

  const problem = create.error instanceof ApiProblem ? create.error : null;
  const errors = problem?.errors ?? [];
  const nameError = errorOf(errors, 'name') ?? (problem?.code === 'name_taken' ? problem.message : null);
  const managerError =
    errorOf(errors, 'package_manager') ??
    (problem?.code === 'package_manager_unavailable' ? problem.message : null);
  const isPlaced = Boolean(nameError ?? managerError ?? errorOf(errors, 'python')) || entry.errors.size > 0;
  return (
    <DialogForm onSend={send}>
      <DialogBody>
        <Field label="Name" error={nameError}>
          {(ids) => (
            <Input
              {...ids}
              value={name}
              onChange={(event) => setName(event.target.value)}
              placeholder="forecasting"
              autoFocus
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              required
              maxLength={100}
            />
          )}
        </Field>
        <ManagerChoice query={managers} value={manager ?? null} onChange={setChosen} error={managerError} />
        <PythonSelect
          versions={pythons}
          manager={manager ?? null}
          value={python}
          onChange={setPython}
          error={errorOf(errors, 'python')}
        />
        <Field
          label={
            <>
              Packages <span className="font-normal text-muted-foreground">optional</span>
            </>
          }
          hint="Enter after each, or paste a list with one per line."
          error={errorOf(errors, 'packages')}
        >
          {(ids) => (
            <PackagesInput
              ids={ids}
              entry={entry}
              placeholder={manager === 'pixi' ? 'numpy >=2' : 'pandas>=2.2'}
            />
          )}
        </Field>
        <EntryErrors specs={entry.specs} errors={entry.errors} />
        <FormError error={create.error} isPlaced={isPlaced} shownFields={SHOWN_FIELDS} />
      </DialogBody>
      <DialogFooter>
        <OfflineNote />
        <DialogClose asChild>
          <Button variant="ghost">Cancel</Button>
        </DialogClose>
        <SendButton type="submit" variant="primary" isPending={create.isPending}>
          Create <Kbd className="ml-0.5">Ctrl ↵</Kbd>
        </SendButton>
      </DialogFooter>
    </DialogForm>
  );
}
