import { setTimeout as sleep } from 'node:timers/promises';

export interface Persistence {
  /** Ends the repetition; its reason is thrown. */
  over: AbortSignal;
  isTransient: (error: unknown) => boolean;
  /** Told about every failed attempt; for a log line. */
  onRetry?: (error: unknown, attempt: number) => void;
  firstDelayMs?: number;
  maxDelayMs?: number;
  /** From then on the last failure is thrown. */
  giveUpAfterMs?: number;
}

/** Repeats an idempotent call for as long as its failures are transient: doubling pauses, with jitter. */
export async function persist<T>(call: () => Promise<T>, options: Persistence): Promise<T> {
  const {
    over,
    isTransient,
    onRetry,
    firstDelayMs = 100,
    maxDelayMs = 5_000,
    giveUpAfterMs = Infinity,
  } = options;
  const startedAt = performance.now();
  for (let attempt = 1; ; attempt++) {
    over.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      if (!isTransient(error) || performance.now() - startedAt > giveUpAfterMs) throw error;
      onRetry?.(error, attempt);
      const ceiling = Math.min(maxDelayMs, firstDelayMs * 2 ** Math.min(attempt - 1, 20));
      await sleep(ceiling * (0.5 + Math.random() / 2), undefined, { signal: over }).catch(() => undefined);
    }
  }
}
