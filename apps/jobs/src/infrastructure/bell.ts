/**
 * Wakes one waiter from many sides. A ring that comes while nobody waits is kept, so that "look, then wait" can't
 * miss one.
 */
export class Bell {
  private hasRung = false;
  private release: (() => void) | null = null;

  readonly ring = (): void => {
    this.hasRung = true;
    this.release?.();
  };

  /** Resolves at the next ring, after `timeoutMs`, or when the signal aborts; with whether it has rung. */
  async wait(timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    if (!this.hasRung && !signal?.aborted) {
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', done);
          this.release = null;
          resolve();
        };
        const timer = setTimeout(done, timeoutMs);
        signal?.addEventListener('abort', done, { once: true });
        this.release = done;
      });
    }
    const hasRung = this.hasRung;
    this.hasRung = false;
    return hasRung;
  }
}
