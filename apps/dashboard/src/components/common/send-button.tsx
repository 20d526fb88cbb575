'use client';

import { LoaderCircleIcon } from 'lucide-react';
import type { ComponentProps } from 'react';
import { useIsOffline } from '../../live/live-provider';
import { Button } from '../ui/button';

export const OFFLINE_REASON =
  'Darb cannot be reached right now. Nothing can be sent until the connection is back.';

type SendButtonProps = ComponentProps<typeof Button> & { isPending?: boolean };

/** A button that sends something: shows that it is on its way, and why it cannot be used while offline. */
export function SendButton({ isPending = false, disabled, children, title, ...props }: SendButtonProps) {
  const isOffline = useIsOffline();
  return (
    <Button
      // Not `disabled` while offline: such a button could neither be focused nor say why.
      disabled={disabled || isPending}
      aria-disabled={isOffline || undefined}
      {...props}
      {...(isOffline
        ? { title: OFFLINE_REASON, onClick: (event) => event.preventDefault() }
        : title === undefined
          ? {}
          : { title })}
    >
      {isPending ? <LoaderCircleIcon className="animate-spin" /> : null}
      {children}
    </Button>
  );
}

/** The same reason as text, for the foot of a form. */
export function OfflineNote() {
  if (!useIsOffline()) return null;
  return (
    <p role="status" className="mr-auto text-xs text-warning">
      Offline: nothing is sent until the connection is back.
    </p>
  );
}
