'use client';

import { LoaderCircleIcon } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { problemOf } from '../lib/http';
import { Button } from './ui/button';
import { Field } from './ui/field';
import { Input } from './ui/input';

interface LoginFormProps {
  returnTo: string;
  /** What a form that was sent without script was answered with; null when none was. */
  status: number | null;
}

export function LoginForm({ returnTo, status }: LoginFormProps) {
  const [error, setError] = useState<string | null>(status === null ? null : sentenceFor(status));
  const [isBusy, setBusy] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    setBusy(true);
    setError(null);
    const failure = await signIn(String(data.get('username')), String(data.get('password')), returnTo);
    if (failure === null) return;
    setBusy(false);
    setError(failure);
    form.querySelector<HTMLInputElement>('[name=password]')?.select();
  };

  return (
    // method and action: sent before the script is there, the password still never ends up in the address.
    <form method="post" action="/bff/session" onSubmit={(event) => void submit(event)} className="grid gap-4">
      <input type="hidden" name="next" value={returnTo} />
      <Field label="Username">
        {(ids) => (
          <Input
            {...ids}
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            autoFocus
            required
            className="h-10"
          />
        )}
      </Field>
      <Field label="Password">
        {(ids) => (
          <Input
            {...ids}
            name="password"
            type="password"
            autoComplete="current-password"
            required
            className="h-10"
          />
        )}
      </Field>
      <p role="alert" className="text-sm text-danger empty:hidden">
        {error}
      </p>
      <Button type="submit" variant="primary" size="lg" disabled={isBusy}>
        {isBusy ? <LoaderCircleIcon className="animate-spin" /> : null}
        Sign in
      </Button>
    </form>
  );
}

/** Null when it worked and the browser is on its way; else what to say. */
async function signIn(username: string, password: string, next: string): Promise<string | null> {
  try {
    const response = await fetch('/bff/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, password, next }),
    });
    if (!response.ok) {
      const problem = await problemOf(response);
      return sentenceFor(problem.status, problem.retryAfterSeconds, problem.message);
    }
    const answer = (await response.json()) as { next: string };
    window.location.assign(answer.next);
    return null;
  } catch {
    return 'Darb cannot be reached. Check your connection and try again.';
  }
}

function sentenceFor(status: number, retryAfterSeconds: number | null = null, detail?: string): string {
  if (status === 401) return 'That username and password do not go together.';
  if (status === 429) {
    const wait =
      retryAfterSeconds === null ? 'a while' : `${Math.max(1, Math.ceil(retryAfterSeconds / 60))} min`;
    return `Too many attempts. Wait ${wait} and try again.`;
  }
  if (status === 503) return 'Signing in does not work at the moment. Try again shortly.';
  return detail ?? 'Signing in did not work. Try again.';
}
