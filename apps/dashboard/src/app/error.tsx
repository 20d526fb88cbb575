'use client';

import { RotateCwIcon } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { startTransition } from 'react';
import { LogoMark } from '../components/logo';
import { Button } from '../components/ui/button';

/** Something that the page itself could not answer for: mostly a service that is starting or away. */
export default function ErrorPage({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  const router = useRouter();
  const retry = () =>
    startTransition(() => {
      router.refresh();
      reset();
    });
  return (
    <main className="grid min-h-dvh place-items-center p-6">
      <div className="grid max-w-sm justify-items-center gap-4 text-center">
        <LogoMark className="size-9" />
        <div className="grid gap-1.5">
          <h1 className="text-xl font-semibold tracking-[-0.015em]">This page failed to load</h1>
          <p className="text-muted-foreground">
            A part of Darb did not answer. It may just be starting; nothing of yours is lost.
          </p>
        </div>
        <Button variant="primary" onClick={retry}>
          <RotateCwIcon /> Try again
        </Button>
        {error.digest ? <p className="font-mono text-xs text-faint">{error.digest}</p> : null}
      </div>
    </main>
  );
}
