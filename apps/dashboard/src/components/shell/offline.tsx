'use client';

import { WifiOffIcon } from 'lucide-react';
import { useEffect } from 'react';
import { toast } from 'sonner';
import { useIsOffline } from '../../live/live-provider';

/** Says above every page that Darb cannot be reached, and keeps people on it: the next one could not be loaded. */
export function OfflineBanner() {
  const isOffline = useIsOffline();
  useEffect(() => {
    if (!isOffline) return;
    document.addEventListener('click', stayHere, true);
    return () => document.removeEventListener('click', stayHere, true);
  }, [isOffline]);
  return (
    <div role="status">
      {isOffline ? (
        <p className="flex items-center gap-2 border-b border-warning/30 bg-warning-soft px-4 py-2 text-sm text-warning sm:px-7">
          <WifiOffIcon className="size-4 shrink-0" aria-hidden="true" />
          <span>
            Darb cannot be reached. What you see may be out of date, and nothing can be sent until the
            connection is back.
          </span>
        </p>
      ) : null}
    </div>
  );
}

/** Before the router sees it: when loading a page fails, it leaves for an address that the browser cannot show. */
function stayHere(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
  if (!(link instanceof HTMLAnchorElement) || link.origin !== window.location.origin) return;
  const isHere = link.pathname === window.location.pathname && link.search === window.location.search;
  if (isHere && link.hash !== '') return;
  event.preventDefault();
  event.stopPropagation();
  toast.error('You are offline. This page stays open until the connection is back.', { id: 'offline' });
}
