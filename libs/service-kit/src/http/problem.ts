import { STATUS_CODES } from 'node:http';

/** What is wrong with one field of a request. `position` is a character offset in the value, where known. */
export interface FieldError {
  field: string;
  code: string;
  message: string;
  position?: number | null;
}

export interface ProblemOptions {
  errors?: FieldError[];
  headers?: Record<string, string>;
  /** Further members of the body, for example `highest` of a stale epoch. */
  extra?: Record<string, unknown>;
  cause?: unknown;
}

/** An answer of the API that is not success: RFC 9457 with a stable `code`. `detail` says what to do next. */
export class Problem extends Error {
  override name = 'Problem';
  readonly errors?: FieldError[];
  readonly headers: Record<string, string>;
  readonly extra: Record<string, unknown>;

  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    options: ProblemOptions = {},
  ) {
    super(detail, { cause: options.cause });
    this.errors = options.errors;
    this.headers = options.headers ?? {};
    this.extra = options.extra ?? {};
  }

  toBody(requestId: string | undefined): Record<string, unknown> {
    return {
      type: `urn:darb:problem:${this.code}`,
      title: STATUS_CODES[this.status] ?? 'Error',
      status: this.status,
      detail: this.detail,
      code: this.code,
      ...(this.errors ? { errors: this.errors } : {}),
      ...this.extra,
      request_id: requestId ?? null,
    };
  }
}

/** 404 for what is not there and for what the caller may not see. */
export function notFound(what: string): Problem {
  return new Problem(404, 'not_found', `There is no such ${what}, or you may not see it.`);
}

export function forbidden(detail: string): Problem {
  return new Problem(403, 'forbidden', detail);
}

/** 503: a dependency is away and the same request may work soon. */
export function dependencyUnavailable(dependency: string, cause?: unknown): Problem {
  return new Problem(
    503,
    'dependency_unavailable',
    `The ${dependency} can't be reached right now; try again.`,
    {
      headers: { 'retry-after': '2' },
      extra: { dependency },
      cause,
    },
  );
}
