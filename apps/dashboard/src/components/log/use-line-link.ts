'use client';

import { useCallback, useEffect, useEffectEvent, useState } from 'react';
import { toast } from 'sonner';
import { copyText } from '../../lib/browser';
import type { LogBuffer } from '../../live/log-buffer';
import { parsePlace, placeHash, rowAt, type LogPlace } from '../../live/log-place';

/** The line that the address names: shown once it has arrived. Clicking a number makes such an address. */
export function useLineLink(log: LogBuffer, show: (row: number) => void) {
  const [place, setPlace] = useState<LogPlace | null>(() => parsePlace(window.location.hash));
  const [isShown, setShown] = useState(false);
  const row = place === null ? -1 : rowAt(log.rows, place);

  const showOnce = useEffectEvent((found: number) => {
    if (found === -1 || isShown) return;
    setShown(true);
    show(found);
  });
  useEffect(() => {
    // After the virtual list has measured the rows that came with this version.
    const frame = requestAnimationFrame(() => showOnce(row));
    return () => cancelAnimationFrame(frame);
  }, [row]);

  useEffect(() => {
    const onHash = () => {
      setPlace(parsePlace(window.location.hash));
      setShown(false);
    };
    window.addEventListener('hashchange', onHash);
    return () => window.removeEventListener('hashchange', onHash);
  }, []);

  const link = useCallback(async (target: LogPlace) => {
    setPlace(target);
    setShown(true);
    const url = new URL(window.location.href);
    url.hash = placeHash(target);
    window.history.replaceState(null, '', url);
    if (await copyText(url.href)) toast.success(`Link to line ${target.seq} copied`, { id: 'line-link' });
  }, []);

  return { row, link };
}
