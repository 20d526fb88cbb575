import type { PublishedAnswer } from '@darb/models';

interface ProblemBody {
  code?: string;
  detail?: string;
  highest?: PublishedAnswer['highest'];
}

/** The jobs service cannot be reached, or cannot work at the moment; the same call may succeed later. */
export class JobsUnavailable extends Error {
  override readonly name = 'JobsUnavailable';

  constructor(
    message: string,
    /** Status of the answer, null when there was none. */
    readonly status: number | null,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  static fromTransport(url: string, error: unknown): JobsUnavailable {
    const { cause, message } = error as { cause?: { code?: string; message?: string }; message: string };
    const reason = cause?.code ?? cause?.message ?? message;
    return new JobsUnavailable(`The jobs service does not answer at ${url} (${reason}).`, null, {
      cause: error,
    });
  }

  static fromStatus(status: number, body: unknown): JobsUnavailable {
    const detail = (body as ProblemBody | undefined)?.detail;
    return new JobsUnavailable(`The jobs service answered ${status}${detail ? `: ${detail}` : '.'}`, status);
  }
}

/** The jobs service said no. */
export class JobsRefused extends Error {
  override readonly name = 'JobsRefused';
  readonly code: string;
  /** Of a refused `published`: where `current` must point. */
  readonly highest: PublishedAnswer['highest'];

  constructor(
    readonly status: number,
    body: unknown,
  ) {
    const problem = (body ?? {}) as ProblemBody;
    super(problem.detail ?? `The jobs service refused with ${status}.`);
    this.code = problem.code ?? `http_${status}`;
    this.highest = problem.highest ?? null;
  }

  /** The epoch is over, or jobs knows neither the job nor this worker any more: nothing may be reported. */
  get isStale(): boolean {
    return this.code === 'stale_epoch' || this.status === 403 || this.status === 404 || this.status === 410;
  }
}
