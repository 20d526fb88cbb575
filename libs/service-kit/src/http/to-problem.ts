import { HttpException } from '@nestjs/common';
import { isStaleStatement } from '../database/stale-statement.js';
import { dependencyUnavailable, Problem } from './problem.js';

/**
 * SQLSTATE classes and Node codes that mean "the database is away", as opposed to "the query is wrong". Class 53 is
 * a server out of disk, memory or connections, 58 one whose files fail, 57014 a statement that it stopped for taking
 * too long, 25P03 a transaction that it gave up: nothing was changed, and the same request works once it is well.
 */
const DATABASE_AWAY =
  /^(08...|57P0[1-5]|57014|25P03|53...|58...|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN)$/;
const DATABASE_AWAY_MESSAGE =
  /Connection terminated|timeout exceeded when trying to connect|timeout expired|not queryable|connection error|Driver not Connected|Cannot use a pool after calling end|already released/i;
/** A value that is no number, time or text for PostgreSQL, or too long for an index: the request's fault. */
const UNSTORABLE_VALUE = /^(22003|22007|22008|22021|22P02|22P05|54000)$/;
const VALKEY_AWAY_MESSAGE = /Connection is closed|Stream isn't writeable|max retries per request/i;
/** A table or schema that a newer version of the code knows and the database does not. */
const NOT_MIGRATED = /^(42P01|3F000|42703)$/;
const CONFLICTING_TRANSACTION = /^(40001|40P01|55P03)$/;
export const SEND_JSON = 'Send the body as application/json.';
const FASTIFY_CODES: Record<string, [status: number, code: string, detail: string]> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'body_too_large', 'The request body is too large.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'unsupported_media_type', SEND_JSON],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    400,
    'malformed_request',
    'The body is not as long as Content-Length says.',
  ],
};
const STATUS_CODES_BY_NAME: Record<number, string> = {
  400: 'bad_request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'body_too_large',
  414: 'url_too_long',
  415: 'unsupported_media_type',
  429: 'too_many_requests',
};

/** What a thrown value looks like to the caller; anything unexpected becomes a 500 that says nothing. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const { code, message } = errorFacts(error);
  const fastify = code ? FASTIFY_CODES[code] : undefined;
  if (fastify) return new Problem(...fastify, { cause: error });
  if (error instanceof HttpException) return fromHttpException(error);
  if (code && DATABASE_AWAY.test(code)) return dependencyUnavailable('database', error);
  if (DATABASE_AWAY_MESSAGE.test(message)) return dependencyUnavailable('database', error);
  if (VALKEY_AWAY_MESSAGE.test(message)) return dependencyUnavailable('queue', error);
  if (code && NOT_MIGRATED.test(code)) {
    return new Problem(
      503,
      'database_not_migrated',
      'The database is not migrated yet; try again in a moment.',
      {
        headers: { 'retry-after': '5' },
        cause: error,
      },
    );
  }
  if (code && UNSTORABLE_VALUE.test(code)) {
    const detail =
      'A value in the request is not one that Darb can keep: check its characters, size and length.';
    return new Problem(422, 'invalid_value', detail, { cause: error });
  }
  if ((code && CONFLICTING_TRANSACTION.test(code)) || isStaleStatement(databaseFailure(error))) {
    return new Problem(
      503,
      'transaction_conflict',
      'Somebody changed the same thing at this moment; try again.',
      {
        headers: { 'retry-after': '1' },
        cause: error,
      },
    );
  }
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  if (code?.startsWith('FST_ERR') && typeof status === 'number' && status < 500) {
    return new Problem(status, STATUS_CODES_BY_NAME[status] ?? 'bad_request', message, { cause: error });
  }
  return internalError(error);
}

function fromHttpException(error: HttpException): Problem {
  const status = error.getStatus();
  if (status >= 500) return internalError(error);
  if (status === 404 && /^Cannot [A-Z]+ /.test(error.message)) {
    return new Problem(404, 'route_not_found', `${error.message.replace(/^Cannot /, 'There is no ')}.`);
  }
  if (status === 415) return new Problem(415, 'unsupported_media_type', SEND_JSON, { cause: error });
  return new Problem(status, STATUS_CODES_BY_NAME[status] ?? 'bad_request', error.message, { cause: error });
}

function internalError(error: unknown): Problem {
  return new Problem(
    500,
    'internal_error',
    'Something went wrong inside Darb; give the request_id to whoever runs it.',
    { cause: error },
  );
}

function databaseFailure(error: unknown): unknown {
  return (error as { driverError?: unknown } | null)?.driverError ?? error ?? {};
}

/** TypeORM wraps the driver's error, Node wraps one error per tried address. */
function errorFacts(error: unknown): { code: string | undefined; message: string } {
  if (typeof error !== 'object' || error === null) return { code: undefined, message: String(error) };
  const wrapped = error as { driverError?: unknown; errors?: unknown[]; code?: unknown; message?: unknown };
  const inner = (wrapped.driverError ?? wrapped.errors?.[0]) as
    { code?: unknown; message?: unknown } | undefined;
  const code = wrapped.code ?? inner?.code;
  return {
    code: typeof code === 'string' ? code : undefined,
    message: [wrapped.message, inner?.message].filter((text) => typeof text === 'string').join(' '),
  };
}
