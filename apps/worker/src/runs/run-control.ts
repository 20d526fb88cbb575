/** Why a run has to stop before its end. */
export type StopReason =
  /** Asked for by a person (code null) or by jobs itself, for example for being idle too long. */
  | { kind: 'cancel'; code: string | null }
  /** The epoch is over: somebody else has the job, report nothing more. */
  | { kind: 'stale' }
  /** The worker stops and gives the job back. */
  | { kind: 'release' }
  | { kind: 'timeout'; seconds: number }
  /** Nothing was written and no step was made for so long. */
  | { kind: 'idle'; seconds: number }
  | { kind: 'disk_full'; freeBytes: number };

/** Thrown out of whatever a run was doing when it was told to stop. */
export class Stopped extends Error {
  override readonly name = 'Stopped';

  constructor(readonly reason: StopReason) {
    super(`The run was stopped: ${reason.kind}.`);
  }
}

/** One run's stop button. The first reason stays, save that `stale` outranks all: it forbids to report. */
export class RunControl {
  private readonly controller = new AbortController();
  private readonly over = new AbortController();
  private current: StopReason | null = null;

  /** Aborts when the work must stop. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Aborts when the epoch is over: only then do calls to jobs give up. */
  get epochOver(): AbortSignal {
    return this.over.signal;
  }

  get reason(): StopReason | null {
    return this.current;
  }

  stop(reason: StopReason): void {
    if (reason.kind === 'stale') {
      this.current = reason;
      this.over.abort(new Stopped(reason));
    }
    this.current ??= reason;
    this.controller.abort(new Stopped(this.current));
  }

  /** The work's result, or Stopped as soon as the run is told to stop: for work that heeds no signal. */
  async unlessStopped<T>(work: Promise<T>): Promise<T> {
    let leave: (() => void) | undefined;
    const stopped = new Promise<never>((_, reject) => {
      leave = () => reject(this.signal.reason as Error);
      if (this.signal.aborted) leave();
      else this.signal.addEventListener('abort', leave, { once: true });
    });
    try {
      return await Promise.race([work, stopped]);
    } finally {
      if (leave) this.signal.removeEventListener('abort', leave);
      // Nobody waits for it any more; what it meets now is of no interest.
      work.catch(() => undefined);
    }
  }

  /** @throws Stopped */
  throwIfStopped(): void {
    if (this.current) throw new Stopped(this.current);
  }
}
