/** One registration. It ends when jobs no longer knows this worker, or when the process stops. */
export class Session {
  private readonly controller = new AbortController();

  constructor(readonly workerId: string) {}

  /** Aborts when the session is lost: every epoch of it is over. */
  get over(): AbortSignal {
    return this.controller.signal;
  }

  end(why: string): void {
    this.controller.abort(new Error(why));
  }
}
