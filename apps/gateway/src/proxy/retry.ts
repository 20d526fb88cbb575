const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 1_000;

/** Nobody took the connection: the service has not seen the request, whatever its method. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);
/** The connection broke before an answer: the service may have done the work. */
const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'UND_ERR_SOCKET']);

export interface RetryQuestion {
  error: unknown;
  method: string;
  hasIdempotencyKey: boolean;
  /** False for a body that streamed through and can't be sent again. */
  isReplayable: boolean;
  /** Retries so far. */
  attempt: number;
  elapsedMs: number;
  budgetMs: number;
}

export function isConnectionError(error: unknown): boolean {
  const code = errorCode(error);
  return NEVER_SENT.has(code) || BROKEN.has(code);
}

/** Milliseconds to wait before the same request is sent again, or null: answer with the error. */
export function retryDelayMs(question: RetryQuestion): number | null {
  const code = errorCode(question.error);
  const isRepeatable =
    question.method === 'GET' ||
    question.method === 'HEAD' ||
    (question.method === 'POST' && question.hasIdempotencyKey);
  const mayRetry = NEVER_SENT.has(code) || (BROKEN.has(code) && isRepeatable);
  if (!mayRetry || !question.isReplayable) return null;
  const backoff = Math.min(FIRST_DELAY_MS * 2 ** question.attempt, LONGEST_DELAY_MS);
  const delay = backoff * (0.75 + Math.random() / 2);
  return question.elapsedMs + delay > question.budgetMs ? null : delay;
}

/** Node answers one error per address that it tried; they have the same reason. */
function errorCode(error: unknown): string {
  const { code, errors } = (error ?? {}) as { code?: unknown; errors?: unknown[] };
  const inner = (errors?.[0] as { code?: unknown } | undefined)?.code;
  return String(code ?? inner ?? '');
}
