'use client';

import type { FormEvent, KeyboardEvent, ReactNode } from 'react';

/** A form in a dialog; Ctrl or Cmd with Enter sends it from any of its fields. */
export function DialogForm({ onSend, children }: { onSend: () => void; children: ReactNode }) {
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    onSend();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey)) return;
    event.preventDefault();
    onSend();
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the key belongs to the whole form
    <form onSubmit={onSubmit} onKeyDown={onKeyDown} className="flex min-h-0 flex-col">
      {children}
    </form>
  );
}
