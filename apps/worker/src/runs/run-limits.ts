import type { Store } from '../store/store.js';
import type { JobRun } from './job-run.js';

const POLL_MS = 1_000;
/** Longest delay that a timer takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Stops the run when its time is over, when nothing has moved for too long, or when the disk is nearly full. Answers
 * a function that ends the watch.
 */
export function watchLimits(
  run: Pick<JobRun, 'control' | 'order' | 'log' | 'progress'>,
  store: Pick<Store, 'freeBytes'>,
  freeBytesFloor: number,
): () => void {
  const { control, order } = run;
  const { timeout_seconds: seconds, idle_timeout_seconds: idleSeconds } = order.limits;
  const timeout = setTimeout(
    () => control.stop({ kind: 'timeout', seconds }),
    Math.min(seconds * 1_000, MAX_TIMER_MS),
  );
  let seen = signOfLife(run);
  let seenAt = performance.now();
  const look = async () => {
    const now = signOfLife(run);
    if (now !== seen) {
      seen = now;
      seenAt = performance.now();
    } else if (performance.now() - seenAt > idleSeconds * 1_000) {
      control.stop({ kind: 'idle', seconds: idleSeconds });
    }
    if (freeBytesFloor === 0) return;
    const freeBytes = await store.freeBytes().catch(() => Infinity);
    if (freeBytes < freeBytesFloor) control.stop({ kind: 'disk_full', freeBytes });
  };
  void look();
  const poll = setInterval(() => void look(), POLL_MS);
  return () => {
    clearTimeout(timeout);
    clearInterval(poll);
  };
}

/** Changes with every line of the log and every step of a phase. */
function signOfLife({ log, progress }: Pick<JobRun, 'log' | 'progress'>): string {
  return `${log.lastSeq} ${progress?.phase ?? ''} ${progress?.done ?? ''}`;
}
