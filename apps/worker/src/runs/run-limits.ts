import type { Store } from '../store/store.js';
import type { RunControl } from './run-control.js';

const DISK_POLL_MS = 1_000;

/** Stops the run when its time is over or the disk is nearly full. Answers a function that ends the watch. */
export function watchLimits(
  control: RunControl,
  store: Pick<Store, 'freeBytes'>,
  freeBytesFloor: number,
  timeoutSeconds: number,
): () => void {
  const timeout = setTimeout(
    () => control.stop({ kind: 'timeout', seconds: timeoutSeconds }),
    Math.min(timeoutSeconds * 1_000, 2 ** 31 - 1),
  );
  const look = async () => {
    const freeBytes = await store.freeBytes().catch(() => Infinity);
    if (freeBytes < freeBytesFloor) control.stop({ kind: 'disk_full', freeBytes });
  };
  void look();
  const disk = setInterval(() => void look(), DISK_POLL_MS);
  return () => {
    clearTimeout(timeout);
    clearInterval(disk);
  };
}
