/** One call through `/bff`, with errors as data (RFC 9457). The only place that knows how a session's end looks. */

export interface FieldProblem {
  field: string;
  code: string;
  message: string;
  /** Index of the character in the value that the message is about. */
  position?: number | null;
}

export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly errors: readonly FieldProblem[] = [],
    readonly requestId: string | null = null,
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(detail);
    this.name = 'ApiProblem';
  }

  get isTemporary(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

/** Sends the person to the login page, which comes back to where they were. */
export function goToLogin(): void {
  const here = window.location.pathname + window.location.search;
  window.location.assign(`/login?next=${encodeURIComponent(here)}`);
}

/** `fetch` for the generated client: what is not an answer of a service becomes an ApiProblem. */
export async function bffFetch(request: Request): Promise<Response> {
  const again = request.clone();
  const response = await attempt(request);
  // Nothing was carried out yet: the server side had to renew its token first (see /bff/[...path]).
  if (response.status === 503 && response.headers.get('retry-after') === '0') return attempt(again);
  return response;
}

async function attempt(request: Request): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(request);
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    throw new ApiProblem(0, 'unreachable', 'Darb cannot be reached. Check your connection.');
  }
  if (response.status === 401) {
    goToLogin();
    throw await problemOf(response);
  }
  return response;
}

/** Reads the problem that an answer carries. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  return toProblem(response, await response.json().catch(() => null));
}

/** A problem from an answer's body; one that says nothing gets a sentence of its own. */
export function toProblem(response: Response, body: unknown): ApiProblem {
  const problem = (typeof body === 'object' && body !== null ? body : {}) as Partial<{
    code: string;
    detail: string;
    title: string;
    errors: FieldProblem[];
    request_id: string;
  }>;
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new ApiProblem(
    response.status,
    problem.code ?? `http_${response.status}`,
    problem.detail ?? problem.title ?? `The server answered ${response.status}.`,
    problem.errors ?? [],
    problem.request_id ?? response.headers.get('x-request-id'),
    Number.isFinite(retryAfter) ? retryAfter : null,
  );
}
